import { UNKNOWN_SHAPE } from '../../domain/transcript.js';
import type { TranscriptTurn } from '../../domain/transcript.js';
import { isPlainObject, readJson } from '../json.js';
import type { TranscriptAnswer } from '../transcript-source.js';

/** Every turn costs some 45 bytes of a document besides its text: this many leave room in one for everything else. */
const turnCap = 100_000;

/**
 * Reads the body of a 2xx answer in the conversation format, `[{"agent":"…"},{"caller":"…"},…]`. Never throws: the shape
 * is documented by an example only, so that others must be expected.
 */
export function readTranscriptBody(body: Uint8Array): TranscriptAnswer {
  const answer = readJson(body);
  if (answer === null) return { kind: 'garbled', reason: `${UNKNOWN_SHAPE}: the answer is not JSON in UTF-8` };
  const { value } = answer;
  if (isPlainObject(value)) return readObject(value);
  if (!Array.isArray(value)) return unknownShape('the answer is neither a list nor an object');
  if (value.length > turnCap) return { kind: 'too-large', reason: `too-large: more than ${turnCap} turns` };

  const turns = value.map(readTurn).filter((turn) => turn !== null);
  if (turns.length < value.length) return unknownShape('a turn is not one speaker with one text');
  if (turns.every(({ text }) => text.trim() === '')) return notReady('no words in the answer');
  return { kind: 'ready', text: turns.map(({ speaker, text }) => `${speaker}: ${text}`).join('\n'), turns };
}

/** The documented body for a thing that is not there comes with 404; with 200 it means the same. */
function readObject({ errors }: Record<string, unknown>): TranscriptAnswer {
  if (isPlainObject(errors) && errors['class'] === 'RecordNotFound') return notReady('RecordNotFound');
  return unknownShape('the answer is an object');
}

function readTurn(turn: unknown): TranscriptTurn | null {
  if (!isPlainObject(turn)) return null;
  const [entry, ...more] = Object.entries(turn);
  if (entry === undefined || more.length > 0) return null;
  const [speaker, text] = entry;
  // Half a character cannot be stored.
  return typeof text === 'string' ? { speaker: speaker.toWellFormed(), text: text.toWellFormed() } : null;
}

function notReady(explanation: string): TranscriptAnswer {
  return { kind: 'not-ready', reason: `not-ready: ${explanation}` };
}

function unknownShape(explanation: string): TranscriptAnswer {
  return { kind: 'unknown-shape', reason: `${UNKNOWN_SHAPE}: ${explanation}` };
}
