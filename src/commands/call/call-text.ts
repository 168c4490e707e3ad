import type { CallEvent, Leg } from '../../domain/invoca/invoca-call.js';
import { count } from '../../domain/count.js';
import type { Step } from '../../domain/invoca/story.js';
import type { StoredCall } from '../../store/calls/call-document.js';
import { aligned, exactDuration, instant, section, sectionsText } from '../kit/text.js';
import { changeLine, headLines, transcriptLines } from './call-parts.js';

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
    section(`Story (${count(story.length, 'transaction')})`, story.flatMap(stepLines)),
  ];
  return sectionsText(sections);
}

function legLine({ transactionId, originalTransactionId, bundled, durationSeconds }: Leg): string {
  const details = [
    ...(durationSeconds === null ? [] : [exactDuration(durationSeconds)]),
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

function withSource(value: string, source: string | null): string {
  return source === null ? value : `${value} (${source})`;
}
