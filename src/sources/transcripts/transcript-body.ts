import { parse, printParseErrorCode, type ParseError } from 'jsonc-parser';
import type { TranscriptAnswer } from '../../domain/transcripts/answers.js';
import { decodedText } from '../http/decoded-text.js';

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

/**
 * What the body of a 2xx answer is.
 *
 * - `json`: its value; not `isExact` where it was read past errors, which cost what they are in
 * - `text`: something to read that is no JSON, without the blanks around it; perhaps nothing
 * - `garbled`: no text, a web page, or JSON that breaks off; asked again it may be one of the others
 * - `too-large`: a text over the cap
 */
export type TranscriptBody =
  | { readonly kind: 'json'; readonly value: unknown; readonly text: string; readonly isExact: boolean }
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'garbled'; readonly reason: string; readonly text?: string }
  | { readonly kind: 'too-large'; readonly reason: string };

/** Never throws. */
export function openTranscriptBody(body: Uint8Array): TranscriptBody {
  const text = decodedText(body).trim();
  if (Buffer.byteLength(text) > TRANSCRIPT_CAP_BYTES) {
    return { kind: 'too-large', reason: `too-large: more than ${TRANSCRIPT_CAP_BYTES} bytes of text` };
  }
  if (!isText(text)) return { kind: 'garbled', reason: 'garbled: the answer is not text' };
  if (PAGE.test(text)) return { kind: 'garbled', reason: 'garbled: the answer is a web page' };
  return openJson(text) ?? { kind: 'text', text };
}

function isText(text: string): boolean {
  if (text.includes('\0')) return false;
  const unreadable = text.match(UNREADABLE)?.length ?? 0;
  return unreadable <= Math.max(UNREADABLE_CHARACTERS, text.length * UNREADABLE_SHARE);
}

/** Null for a text that is no JSON. */
function openJson(text: string): TranscriptBody | null {
  try {
    return { kind: 'json', value: JSON.parse(text), text, isExact: true };
  } catch {
    return /^["[{]/.test(text) ? openBrokenJson(text) : null;
  }
}

function openBrokenJson(text: string): TranscriptBody | null {
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

function brokenOff(text: string): TranscriptBody {
  return { kind: 'garbled', reason: 'garbled: the answer is JSON that breaks off', text };
}

/** With 202 a source says that it has begun: what comes with that is a transcript only where it can be read as one. */
export function notYetIfAccepted(status: number, answer: TranscriptAnswer): TranscriptAnswer {
  return status === 202 && answer.kind !== 'ready' ? { kind: 'not-ready', reason: 'not-ready: answered 202' } : answer;
}
