import { parse, printParseErrorCode, type ParseError } from 'jsonc-parser';
import type { TranscriptAnswer } from '../../domain/transcripts/answers.js';
import type { HttpAnswer } from '../http/http.js';
import { isPlainObject } from '../json/json.js';
import { isBlankJson, readTurns } from './transcript-turns.js';

/** Limit for the body of an answer, and for the text in it. */
export const TRANSCRIPT_CAP_BYTES = 4 * 1024 * 1024;

/** Limits for control and undecodable characters in a text: so many, or this share of it if that is more. */
const UNREADABLE_CHARACTERS = 4;
const UNREADABLE_SHARE = 0.05;

const UNREADABLE = /[\0-\x08\x0E-\x1F\x7F\uFFFD]/g;

/** Matches a web page, or the XML error of a file store. */
const PAGE = /^\s*(?:<\?xml[^>]*>\s*)?<(?:!doctype\s+html|html|head|body|error)\b/i;

/** Parser errors that mean that the JSON is cut off. */
const CUT_OFF = ['UnexpectedEndOfString', 'CloseBraceExpected', 'CloseBracketExpected'];

/** Limit for turns: each takes some 45 bytes of a document besides its text, and other data must fit in too. */
export const TURN_CAP = 100_000;

/** Names that report an error, and names that may accompany it. */
const ERROR_NAMES = ['errors', 'error', 'fault', 'exception'];
const BESIDE_ERRORS = ['meta', ...ERROR_NAMES];

/** Rules that differ between sources. */
interface AnswerRules {
  /** Reads a text that is not JSON, without the blanks around it. It may be empty. */
  readonly readText: (text: string) => TranscriptAnswer;
  /** True if this JSON is the source's own way to report that there is no transcript yet. */
  readonly isNotFound?: (value: unknown) => boolean;
}

/** Reads a 2xx answer to a request for a transcript. Never throws. */
export function readTranscriptAnswer({ status, body }: HttpAnswer, rules: AnswerRules): TranscriptAnswer {
  if (status === 204) return { kind: 'not-ready', reason: 'not-ready: answered 204' };
  if (body === null) return { kind: 'too-large', reason: `too-large: more than ${TRANSCRIPT_CAP_BYTES} bytes` };
  const answer = readBody(body, rules);
  // 202 means that the source has only begun: the body is a transcript only if it can be read as one.
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
 * Content of a 2xx answer:
 *
 * - `json`: its value; `isExact` is false if the parser had to skip errors
 * - `text`: text that is not JSON, without the blanks around it; may be empty
 * - `garbled`: not text, a web page, or JSON that is cut off; the next answer may be better
 * - `too-large`: a text over the limit
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
 * Decodes a body that should be UTF-8. Recognises UTF-16 by its byte order mark. Replaces bytes that are not UTF-8 by
 * U+FFFD; but if no character beyond ASCII is valid UTF-8, reads the body as Windows-1252. Never throws.
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

/** Parses JSON, skipping minor errors; null if the text is not JSON. */
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
    // The parser would take a line break inside a string for its end.
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
    // Nested too deeply for the parser.
    return brokenOff(text);
  }
}

function brokenOff(text: string): OpenedBody {
  return { kind: 'garbled', reason: 'garbled: the answer is JSON that breaks off', text };
}

/** Reads a list of turns or an error. JSON of any other shape is kept as text. */
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

/** True if an object reports an error and contains no other list or object with content. */
function isError(answer: Record<string, unknown>): boolean {
  const isSaid = ERROR_NAMES.some((name) => !isBlankJson(answer[name] ?? null) && answer[name] !== false);
  const isFailure = isSaid || answer['success'] === false || answer['ok'] === false || isErrorStatus(answer['status']);
  const others = Object.entries(answer).filter(([name]) => !BESIDE_ERRORS.includes(name));
  return isFailure && others.every(([, value]) => typeof value !== 'object' || isBlankJson(value));
}

function isErrorStatus(status: unknown): boolean {
  return status === 'error' || (typeof status === 'number' && status >= 400 && status < 600);
}
