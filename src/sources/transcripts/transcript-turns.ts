import type { TranscriptTurn } from '../../domain/transcripts/transcript.js';
import { isPlainObject } from '../json/json.js';

/** Names for the parties of a call, as the name of a turn's text. */
const PARTY =
  /^(?:agent|advisor|assistant|bot|callee|caller|client|consumer|customer|ivr|operator|representative|system)(?:[ _-]?\d+)?$/i;

/** Names for the text of a turn which says its speaker under another name. */
const TEXT_NAMES = ['text', 'content', 'message', 'transcript', 'utterance', 'words'];
const SPEAKER_NAMES = ['speaker', 'role', 'participant', 'party', 'speaker_label', 'name', 'from'];

/**
 * Reads a list of turns in the conversation format, `[{"agent":"…"},{"caller":"…"},…]`. A turn that cannot be read
 * costs itself alone: whatever else stands in it or in the list, the others are kept, in order. Null where more of the
 * list says something nobody can read than is read: then it is no list of turns.
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

/**
 * As many turns as the object names parties; or the one that it says in other words. None where that is not certain.
 */
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

/** Half a character cannot be stored. */
function wellFormed({ speaker, text }: TranscriptTurn): TranscriptTurn {
  return { speaker: speaker.toWellFormed(), text: text.toWellFormed() };
}

/** Whether nothing is said: null, a blank text, or lists and objects of nothing else. */
export function isBlankJson(value: unknown): boolean {
  return partsOf(value).every((part) => part === null || (typeof part === 'string' && part.trim() === ''));
}

function hasWords(value: unknown): boolean {
  return partsOf(value).some((part) => typeof part === 'string' && part.trim() !== '');
}

/** The texts, numbers, booleans and nulls in a JSON value, however deep. */
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
