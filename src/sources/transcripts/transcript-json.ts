import type { TranscriptAnswer } from '../../domain/transcripts/answers.js';
import { isPlainObject } from '../json/json.js';
import type { TranscriptBody } from './transcript-body.js';
import { isBlankJson, readTurns } from './transcript-turns.js';

/** Every turn costs some 45 bytes of a document besides its text: this many leave room in one for everything else. */
export const TURN_CAP = 100_000;

/** Names for what went wrong, and for what goes with it. */
const ERROR_NAMES = ['errors', 'error', 'fault', 'exception'];
const BESIDE_ERRORS = ['meta', ...ERROR_NAMES];

/**
 * What a transcript's answer in JSON says: a list of turns, an error, or something nobody can read as turns, which is
 * kept as it came. Never throws.
 */
export function readTranscriptJson({
  value,
  text,
  isExact,
}: Extract<TranscriptBody, { kind: 'json' }>): TranscriptAnswer {
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
