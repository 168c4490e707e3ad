import { count } from '../../domain/count.js';
import { FIELD_NAMES, FIELD_TITLES } from '../../domain/call.js';
import type { AnyStoredCall } from '../../store/calls/call-document.js';
import { exactDuration, instant, type Field } from '../kit/text.js';

/** Parts of the text that shows a call of any source. */

/** One change of the story of a call. */
interface ToldChange {
  readonly what: string;
  readonly from: string | number | boolean | Date | null;
  readonly to: string | number | boolean | Date | null;
}

/** What calls of all sources say. */
export function headLines(call: AnyStoredCall): Field[] {
  const fields = FIELD_NAMES.flatMap((name): Field[] => {
    const title = FIELD_TITLES[name];
    const value = name === 'durationSeconds' ? durations(call) : call[name];
    return title === null || value === null ? [] : [[title, shown(value)]];
  });
  return [...fields, ['Revision', `${call.revision}, changed ${instant(call.updatedAt)}`]];
}

function durations({ durationSeconds, connectSeconds, ivrSeconds }: AnyStoredCall): string | null {
  if (durationSeconds === null) return null;
  const parts = [
    ...(connectSeconds === null ? [] : [`connected ${exactDuration(connectSeconds)}`]),
    ...(ivrSeconds === null ? [] : [`IVR ${exactDuration(ivrSeconds)}`]),
  ];
  return parts.length === 0
    ? exactDuration(durationSeconds)
    : `${exactDuration(durationSeconds)} (${parts.join(', ')})`;
}

export function transcriptLines({ transcript }: AnyStoredCall): string[] {
  const { status, attempts, nextAttemptAt, reason, turns, text } = transcript;
  const details = [
    status.replace('_', ' '),
    ...(attempts > 0 ? [`${count(attempts, 'look')} so far`] : []),
    ...(nextAttemptAt === null ? [] : [`next look ${instant(nextAttemptAt)}`]),
    ...(reason === null ? [] : [reason]),
  ];
  const spoken = turns.length > 0 ? turns.map((turn) => `${turn.speaker}: ${turn.text}`) : [text ?? ''];
  return [details.join(', '), ...spoken.flatMap(linesOf).filter((line) => line !== '')];
}

/** However they end. */
function linesOf(text: string): string[] {
  return text.split(/\r\n|[\n\r\u2028\u2029]/);
}

export function changeLine({ what, from, to }: ToldChange): string {
  return from === null ? `${what}: ${shown(to)}` : `${what}: ${shown(from)} -> ${shown(to)}`;
}

function shown(value: ToldChange['to']): string {
  if (value === null) return '(none)';
  return value instanceof Date ? instant(value) : String(value);
}
