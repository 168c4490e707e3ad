import prettyMilliseconds from 'pretty-ms';
import type { CallEvent, Leg } from '../domain/call.js';
import type { Change, Step } from '../domain/story.js';
import type { StoredCall } from '../store/call-document.js';

/** The merged call and its story, for a person to read. */
export function callText({ call, story }: { call: StoredCall; story: readonly Step[] }): string {
  const sections = [
    [`Call ${call.callId} (account ${call.account})`],
    aligned(headLines(call)),
    section(
      'Signals',
      aligned(call.signals.map(({ name, value, source }) => [name, withSource(value ? 'yes' : 'no', source)])),
    ),
    section(
      'Custom data',
      aligned(call.customData.map(({ name, value, source }) => [name, withSource(String(value), source)])),
    ),
    section('Legs', call.legs.map(legLine)),
    section('Events', call.events.map(eventLine)),
    section('Transcript', transcriptLines(call)),
    section(`Story (${story.length} ${story.length === 1 ? 'transaction' : 'transactions'})`, story.flatMap(stepLines)),
  ];
  return sections
    .filter((lines) => lines.length > 0)
    .map((lines) => lines.join('\n'))
    .join('\n\n');
}

type Pair = readonly [name: string, value: string];

function headLines(call: StoredCall): Pair[] {
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

function durations({ durationSeconds, connectSeconds, ivrSeconds }: StoredCall): string | null {
  if (durationSeconds === null) return null;
  const parts = [
    ...(connectSeconds === null ? [] : [`connected ${seconds(connectSeconds)}`]),
    ...(ivrSeconds === null ? [] : [`IVR ${seconds(ivrSeconds)}`]),
  ];
  return parts.length === 0 ? seconds(durationSeconds) : `${seconds(durationSeconds)} (${parts.join(', ')})`;
}

function legLine({ transactionId, originalTransactionId, bundled, durationSeconds }: Leg): string {
  const details = [
    ...(durationSeconds === null ? [] : [seconds(durationSeconds)]),
    ...(bundled ? ['bundled'] : []),
    ...(originalTransactionId === transactionId ? [] : [`originally ${originalTransactionId}`]),
  ];
  return details.length === 0 ? transactionId : `${transactionId}: ${details.join(', ')}`;
}

function eventLine(event: CallEvent): string {
  const details = [
    event.kind === 'other' ? (event.type ?? 'unknown event') : KIND_NAMES[event.kind],
    ...(event.partnerUniqueId === null ? [] : [event.partnerUniqueId]),
    ...(event.occurredAt === null ? [] : [instant(event.occurredAt)]),
    ...(event.revenue === null ? [] : [`revenue ${event.revenue}`]),
  ];
  return `${event.transactionId}: ${details.join(', ')}`;
}

function transcriptLines({ transcript }: StoredCall): string[] {
  const { status, attempts, nextAttemptAt, reason, turns, text } = transcript;
  const details = [
    status.replace('_', ' '),
    ...(attempts > 0 ? [`${attempts} ${attempts === 1 ? 'look' : 'looks'} so far`] : []),
    ...(nextAttemptAt === null ? [] : [`next look ${instant(nextAttemptAt)}`]),
    ...(reason === null ? [] : [reason]),
  ];
  const spoken = turns.length > 0 ? turns.map((turn) => `${turn.speaker}: ${turn.text}`) : (text ?? '').split('\n');
  return [details.join(', '), ...spoken.filter((line) => line !== '')];
}

const KIND_NAMES = {
  call: 'call',
  post_call_event: 'post call event',
  sale: 'sale',
  signal: 'signal',
  other: 'event of an unknown type',
} as const;

function stepLines({ at, transactionId, kind, corrects, changes }: Step, index: number): string[] {
  const what = corrects === null ? KIND_NAMES[kind] : `correction of ${corrects} (${KIND_NAMES[kind]})`;
  const heading = `${index + 1}. ${at === null ? 'at an unknown time' : instant(at)}  ${transactionId}  ${what}`;
  const lines = changes.map(changeLine);
  return [heading, ...(lines.length === 0 ? ['changes nothing'] : lines).map((line) => `     ${line}`)];
}

function changeLine({ what, from, to }: Change): string {
  return from === null ? `${what}: ${shown(to)}` : `${what}: ${shown(from)} -> ${shown(to)}`;
}

function shown(value: Change['to']): string {
  if (value === null) return '(none)';
  return value instanceof Date ? instant(value) : String(value);
}

function section(title: string, lines: readonly string[]): string[] {
  return lines.length === 0 ? [] : [title, ...lines.map((line) => `  ${line}`)];
}

function aligned(pairs: readonly Pair[]): string[] {
  const width = Math.max(0, ...pairs.map(([name]) => name.length));
  return pairs.map(([name, value]) => `${name.padEnd(width)}  ${value}`);
}

function withSource(value: string, source: string | null): string {
  return source === null ? value : `${value} (${source})`;
}

function seconds(count: number): string {
  return prettyMilliseconds(count * 1_000);
}

/** In UTC, to the second. */
function instant(date: Date): string {
  return `${date.toISOString().slice(0, 19).replace('T', ' ')} UTC`;
}
