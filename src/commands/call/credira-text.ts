import { count } from '../../domain/count.js';
import type { CrediraStep } from '../../domain/credira/credira-story.js';
import type { StoredCrediraCall } from '../../store/calls/call-document.js';
import { aligned, instant, section, sectionsText } from '../kit/text.js';
import { changeLine, headLines, transcriptLines } from './call-parts.js';

/** A call of Credira and its story, for a person to read. */
export function crediraCallText({ call, story }: { call: StoredCrediraCall; story: readonly CrediraStep[] }): string {
  return sectionsText([
    [`Call ${call.callId} (account ${call.account})`],
    aligned(headLines(call)),
    section('Credira', aligned(Object.entries(call.credira).map(([name, value]) => [name, shown(value)]))),
    section('Transcript', transcriptLines(call)),
    section(`Story (${count(story.length, 'sighting')})`, story.flatMap(stepLines)),
  ]);
}

function shown(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}

/** What was seen first is all new, and is shown above as far as it still holds. */
function stepLines({ at, changes }: CrediraStep, index: number): string[] {
  const lines = index === 0 ? [`first seen, with ${changes.length} fields`] : changes.map(changeLine);
  return [`${index + 1}. ${instant(at)}`, ...lines.map((line) => `     ${line}`)];
}
