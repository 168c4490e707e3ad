import type { TranscriptTurn } from '../../domain/transcripts/transcript.js';
import { isPlainObject } from '../json/json.js';

/** Names of a call's parties; a turn may use one as the name of its text. */
const PARTY =
  /^(?:agent|advisor|assistant|bot|callee|caller|client|consumer|customer|ivr|operator|representative|system)(?:[ _-]?\d+)?$/i;

/** Names of the text in a turn that gives its speaker under another name. */
const TEXT_NAMES = ['text', 'content', 'message', 'transcript', 'utterance', 'words'];
const SPEAKER_NAMES = ['speaker', 'role', 'participant', 'party', 'speaker_label', 'name', 'from'];

/**
 * Reads a list of turns in the conversation format, `[{"agent":"…"},{"caller":"…"},…]`. Leaves out items that cannot be
 * read, and keeps the others in order. Null if more items with words are left out than read: then it is not a list of
 * turns.
 */
export function readTurns(list: readonly unknown[]): readonly TranscriptTurn[] | null {
  const turns: TranscriptTurn[] = [];
  let turnsRead = 0;
  let turnsLost = 0;
  for (const item of list) {
    const read = isPlainObject(item) ? readTurn(item) : [];
    turns.push(...read.map(wellFormed));
    if (read.length > 0) turnsRead += 1;
    else if (!isBlankJson(item) && hasWords(item)) turnsLost += 1;
  }
  return turnsLost > turnsRead ? null : turns;
}

/** Returns one turn per party that the object names, or one in another notation; none if its meaning is unclear. */
function readTurn(item: Record<string, unknown>): readonly TranscriptTurn[] {
  const spoken = Object.entries(item).filter((entry): entry is [string, string] => typeof entry[1] === 'string');
  const byParty = spoken.filter(([name]) => PARTY.test(name));
  const speakerName = SPEAKER_NAMES.find((name) => Object.hasOwn(item, name));
  const textName = TEXT_NAMES.find((name) => Object.hasOwn(item, name));
  // `{"agent":"Maria","text":"Hello"}`
  const isPartyNamed = textName !== undefined && typeof item[textName] === 'string';
  if (textName !== undefined && speakerName !== undefined) {
    const [speaker, text] = [item[speakerName], item[textName]];
    return isName(speaker) && typeof text === 'string' ? [{ speaker: String(speaker), text }] : [];
  }
  if (byParty.length > 0) return isPartyNamed ? [] : byParty.map(([speaker, text]) => ({ speaker, text }));
  const [only, ...more] = spoken;
  return only === undefined || more.length > 0 ? [] : [{ speaker: only[0], text: only[1] }];
}

function isName(value: unknown): value is string | number {
  return typeof value === 'string' || typeof value === 'number';
}

/** Replaces half characters (lone surrogates), which cannot be stored. */
function wellFormed({ speaker, text }: TranscriptTurn): TranscriptTurn {
  return { speaker: speaker.toWellFormed(), text: text.toWellFormed() };
}

/** True for null, a blank string, and lists and objects that contain nothing else. */
export function isBlankJson(value: unknown): boolean {
  return partsOf(value).every((part) => part === null || (typeof part === 'string' && part.trim() === ''));
}

function hasWords(value: unknown): boolean {
  return partsOf(value).some((part) => typeof part === 'string' && part.trim() !== '');
}

/** Returns the strings, numbers, booleans and nulls in a JSON value, however deep. */
function partsOf(value: unknown): readonly unknown[] {
  const parts: unknown[] = [];
  const open: unknown[] = [value];
  while (open.length > 0) {
    const part = open.pop();
    if (typeof part === 'object' && part !== null) for (const inner of Object.values(part)) open.push(inner);
    else parts.push(part);
  }
  return parts;
}
