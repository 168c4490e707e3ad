import { parse, printParseErrorCode, type ParseError } from 'jsonc-parser';
import type { TranscriptAnswer } from '../../domain/transcripts/answers.js';
import type { HttpAnswer } from '../http/http.js';
import { isPlainObject } from '../json/json.js';
import { isBlankJson, readTurns } from './transcript-turns.js';

/** Of the body of an answer, and of the text in it. */
export const TRANSCRIPT_CAP_BYTES = 4 * 1024 * 1024;

/** In a text a few characters, or one in twenty, may be a control character or no character at all. */
const UNREADABLE_CHARACTERS = 4;
const UNREADABLE_SHARE = 0.05;

const UNREADABLE = /[\0-\x08\x0E-\x1F\x7F\uFFFD]/g;

/** A page for a browser, or the error of a store of files. */
const PAGE = /^\s*(?:<\?xml[^>]*>\s*)?<(?:!doctype\s+html|html|head|body|error)\b/i;

/** What JSON has at its end that was cut off. */
const CUT_OFF = ['UnexpectedEndOfString', 'CloseBraceExpected', 'CloseBracketExpected'];

/** Every turn costs some 45 bytes of a document besides its text: this many leave room in one for everything else. */
export const TURN_CAP = 100_000;

/** Names for what went wrong, and for what goes with it. */
const ERROR_NAMES = ['errors', 'error', 'fault', 'exception'];
const BESIDE_ERRORS = ['meta', ...ERROR_NAMES];

/** What is a source's own about the answers to a request for a transcript. */
interface AnswerRules {
  /** Reads a text that is no JSON, without the blanks around it; perhaps it is empty. */
  readonly readText: (text: string) => TranscriptAnswer;
  /** Whether JSON says that there is no transcript yet, beside the ways in which any source does. */
  readonly isNotFound?: (value: unknown) => boolean;
}

/** Reads a 2xx answer to a request for a transcript. Never throws. */
export function readTranscriptAnswer({ status, body }: HttpAnswer, rules: AnswerRules): TranscriptAnswer {
  if (status === 204) return { kind: 'not-ready', reason: 'not-ready: answered 204' };
  if (body === null) return { kind: 'too-large', reason: `too-large: more than ${TRANSCRIPT_CAP_BYTES} bytes` };
  const answer = readBody(body, rules);
  // With 202 a source says that it has begun: what comes with that is a transcript only if it can be read as one.
  return status === 202 && answer.kind !== 'ready' ? { kind: 'not-ready', reason: 'not-ready: answered 202' } : answer;
}

function readBody(body: Uint8Array, { readText, isNotFound }: AnswerRules): TranscriptAnswer {
  const opened = openBody(body);
  if (opened.kind === 'text') return readText(opened.text);
  if (opened.kind !== 'json') return opened;
  return isNotFound?.(opened.value) === true
    ? { kind: 'not-ready', reason: 'not-ready: RecordNotFound' }
    : readJson(opened);
}

/**
 * What the body of a 2xx answer is.
 *
 * - `json`: its value; not `isExact` where it was read past errors, which cost what they are in
 * - `text`: something to read that is no JSON, without the blanks around it; perhaps nothing
 * - `garbled`: no text, a web page, or JSON that breaks off; asked again it may be one of the others
 * - `too-large`: a text over the cap
 */
type OpenedBody =
  | { readonly kind: 'json'; readonly value: unknown; readonly text: string; readonly isExact: boolean }
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'garbled'; readonly reason: string; readonly text?: string }
  | { readonly kind: 'too-large'; readonly reason: string };

function openBody(body: Uint8Array): OpenedBody {
  const text = decodedText(body).trim();
  if (Buffer.byteLength(text) > TRANSCRIPT_CAP_BYTES) {
    return { kind: 'too-large', reason: `too-large: more than ${TRANSCRIPT_CAP_BYTES} bytes of text` };
  }
  if (!isText(text)) return { kind: 'garbled', reason: 'garbled: the answer is not text' };
  if (PAGE.test(text)) return { kind: 'garbled', reason: 'garbled: the answer is a web page' };
  return openJson(text) ?? { kind: 'text', text };
}

/**
 * The text of a body that ought to be UTF-8. UTF-16 is told by its byte order mark. Of UTF-8 with bytes that are
 * none, each of those becomes U+FFFD; where no character beyond ASCII is UTF-8, the text is taken for Windows-1252.
 * Never throws.
 */
function decodedText(body: Uint8Array): string {
  const [first, second] = body;
  if (first === 0xff && second === 0xfe) return new TextDecoder('utf-16le').decode(body);
  if (first === 0xfe && second === 0xff) return new TextDecoder('utf-16be').decode(body);
  const text = new TextDecoder('utf-8').decode(body);
  if (!text.includes('\uFFFD') || /[^\p{ASCII}\uFFFD]/u.test(text)) return text;
  return new TextDecoder('windows-1252').decode(body);
}

function isText(text: string): boolean {
  if (text.includes('\0')) return false;
  const unreadable = text.match(UNREADABLE)?.length ?? 0;
  return unreadable <= Math.max(UNREADABLE_CHARACTERS, text.length * UNREADABLE_SHARE);
}

/** Null for a text that is no JSON. */
function openJson(text: string): OpenedBody | null {
  try {
    return { kind: 'json', value: JSON.parse(text), text, isExact: true };
  } catch {
    return /^["[{]/.test(text) ? openBrokenJson(text) : null;
  }
}

function openBrokenJson(text: string): OpenedBody | null {
  const errors: ParseError[] = [];
  try {
    // A line break inside a text would else be taken for its end.
    const value: unknown = parse(text.replace(/\p{Cc}/gu, ' '), errors, {
      allowTrailingComma: true,
      disallowComments: true,
    });
    const codes = errors.map(({ error }) => printParseErrorCode(error));
    if (codes.some((code) => CUT_OFF.includes(code))) return brokenOff(text);
    return !codes.includes('EndOfFileExpected') && Array.isArray(value)
      ? { kind: 'json', value, text, isExact: false }
      : null;
  } catch {
    // Nested deeper than the parser goes.
    return brokenOff(text);
  }
}

function brokenOff(text: string): OpenedBody {
  return { kind: 'garbled', reason: 'garbled: the answer is JSON that breaks off', text };
}

/**
 * What JSON says: a list of turns, an error, or something nobody can read as turns, which is kept as it came.
 */
function readJson({ value, text, isExact }: Extract<OpenedBody, { kind: 'json' }>): TranscriptAnswer {
  if (Array.isArray(value)) return readList(value, { text, isExact });
  if (isPlainObject(value) && isError(value)) return { kind: 'refused', reason: 'refused: an error with status 200' };
  return {
    kind: 'unknown-shape',
    text: typeof value === 'string' ? value.toWellFormed() : text,
    isBlank: isBlankJson(value),
  };
}

function readList(list: readonly unknown[], { text, isExact }: { text: string; isExact: boolean }): TranscriptAnswer {
  if (list.length > TURN_CAP) return { kind: 'too-large', reason: `too-large: more than ${TURN_CAP} turns` };
  const turns = readTurns(list);
  if (turns?.some((turn) => turn.text.trim() !== '')) {
    return { kind: 'ready', text: turns.map((turn) => `${turn.speaker}: ${turn.text}`).join('\n'), turns };
  }
  if (isExact && isBlankJson(list)) return { kind: 'not-ready', reason: 'not-ready: no words in the answer' };
  return { kind: 'unknown-shape', text, isBlank: false };
}

/** Whether an object says that something went wrong, and nothing else of any length. */
function isError(answer: Record<string, unknown>): boolean {
  const isSaid = ERROR_NAMES.some((name) => !isBlankJson(answer[name] ?? null) && answer[name] !== false);
  const isFailure = isSaid || answer['success'] === false || answer['ok'] === false || isErrorStatus(answer['status']);
  const others = Object.entries(answer).filter(([name]) => !BESIDE_ERRORS.includes(name));
  return isFailure && others.every(([, value]) => typeof value !== 'object' || isBlankJson(value));
}

function isErrorStatus(status: unknown): boolean {
  return status === 'error' || (typeof status === 'number' && status >= 400 && status < 600);
}
