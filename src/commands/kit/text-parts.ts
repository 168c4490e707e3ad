import prettyMilliseconds from 'pretty-ms';
import { harmlessLine } from '../../process/harmless-text.js';
import type { AnyStoredCall } from '../../store/calls/call-document.js';

/** Parts of the text that shows a call of any source. */

/** One change of the story of a call. */
interface ToldChange {
  readonly what: string;
  readonly from: string | number | boolean | Date | null;
  readonly to: string | number | boolean | Date | null;
}

export type Pair = readonly [name: string, value: string];

/** What calls of all sources say. */
export function headLines(call: AnyStoredCall): Pair[] {
  const lines: [string, string | null][] = [
    ['Started', call.startedAt && instant(call.startedAt)],
    ['Duration', durations(call)],
    ['From', call.from],
    ['To', call.to],
    ['Result', call.result],
    ['Revenue', call.revenue],
    ['Recording', call.recordingUrl],
    ['Revision', `${call.revision}, changed ${instant(call.updatedAt)}`],
  ];
  return lines.flatMap(([name, value]): Pair[] => (value === null ? [] : [[name, value]]));
}

function durations({ durationSeconds, connectSeconds, ivrSeconds }: AnyStoredCall): string | null {
  if (durationSeconds === null) return null;
  const parts = [
    ...(connectSeconds === null ? [] : [`connected ${seconds(connectSeconds)}`]),
    ...(ivrSeconds === null ? [] : [`IVR ${seconds(ivrSeconds)}`]),
  ];
  return parts.length === 0 ? seconds(durationSeconds) : `${seconds(durationSeconds)} (${parts.join(', ')})`;
}

export function transcriptLines({ transcript }: AnyStoredCall): string[] {
  const { status, attempts, nextAttemptAt, reason, turns, text } = transcript;
  const details = [
    status.replace('_', ' '),
    ...(attempts > 0 ? [`${attempts} ${attempts === 1 ? 'look' : 'looks'} so far`] : []),
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

export function section(title: string, lines: readonly string[]): string[] {
  return lines.length === 0 ? [] : [title, ...lines.map((line) => `  ${line}`)];
}

export function aligned(pairs: readonly Pair[]): string[] {
  const width = Math.max(0, ...pairs.map(([name]) => name.length));
  return pairs.map(([name, value]) => `${name.padEnd(width)}  ${value}`);
}

export function seconds(count: number): string {
  return prettyMilliseconds(count * 1_000);
}

/** In UTC, to the second. */
export function instant(date: Date): string {
  return `${date.toISOString().slice(0, 19).replace('T', ' ')} UTC`;
}

/** Sections with an empty line between; one without lines is left out. A value cannot make another line of itself. */
export function sectionsText(sections: readonly (readonly string[])[]): string {
  return sections
    .filter((lines) => lines.length > 0)
    .map((lines) => lines.map(harmlessLine).join('\n'))
    .join('\n\n');
}
