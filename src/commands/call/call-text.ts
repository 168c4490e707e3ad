import { CALL_FIELDS, FIELD_NAMES } from '../../domain/call.js';
import { count } from '../../domain/count.js';
import { secondText } from '../../domain/shown-times.js';
import { fieldJson, fieldName, type CrediraValue } from '../../domain/credira/credira-fields.js';
import type { CrediraStep } from '../../domain/credira/credira-story.js';
import type { CallEvent, Leg } from '../../domain/invoca/invoca-call.js';
import type { Step } from '../../domain/invoca/story.js';

import type { ShownCall, ShownCrediraCall, ShownInvocaCall } from '../../operations/shown-call.js';
import type { AnyStoredCall } from '../../store/calls/call-document.js';
import { aligned, exactDuration, section, sectionsText, type Field } from '../kit/text.js';

/** Returns the merged call and its story as text. */
export function callText(shown: ShownCall): string {
  switch (shown.source) {
    case 'invoca':
      return invocaText(shown);
    case 'credira':
      return crediraText(shown);
  }
}

function invocaText({ call, story }: ShownInvocaCall): string {
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
    ...(event.occurredAt === null ? [] : [secondText(event.occurredAt)]),
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
  const heading = `${index + 1}. ${at === null ? 'at an unknown time' : secondText(at)}  ${transactionId}  ${what}`;
  const lines = changes.map(changeLine);
  return [heading, ...(lines.length === 0 ? ['changes nothing'] : lines).map((line) => `     ${line}`)];
}

function withSource(value: string, source: string | null): string {
  return source === null ? value : `${value} (${source})`;
}

function crediraText({ call, story }: ShownCrediraCall): string {
  return sectionsText([
    [`Call ${call.callId} (account ${call.account})`],
    aligned(headLines(call)),
    section(
      'Credira',
      aligned(Object.entries(call.credira).map(([name, value]) => [fieldName(name), fieldText(value)])),
    ),
    section('Transcript', transcriptLines(call)),
    section(`Story (${count(story.length, 'sighting')})`, story.flatMap(sightingLines)),
  ]);
}

function fieldText(value: CrediraValue): string {
  return typeof value === 'string' ? value : fieldJson(value);
}

/** Returns the lines of one step; the first has only a count, because its fields are shown above if they still hold. */
function sightingLines({ at, changes }: CrediraStep, index: number): string[] {
  const lines = index === 0 ? [`first seen, with ${changes.length} fields`] : changes.map(changeLine);
  return [`${index + 1}. ${secondText(at)}`, ...lines.map((line) => `     ${line}`)];
}

/** One change of the story of a call. */
interface ToldChange {
  readonly what: string;
  readonly from: string | number | boolean | Date | null;
  readonly to: string | number | boolean | Date | null;
}

/** Fields that calls of every source have. */
function headLines(call: AnyStoredCall): Field[] {
  const fields = FIELD_NAMES.flatMap((name): Field[] => {
    const { title } = CALL_FIELDS[name];
    const value = name === 'durationSeconds' ? durations(call) : call[name];
    return title === null || value === null ? [] : [[title, valueText(value)]];
  });
  return [...fields, ['Revision', `${call.revision}, changed ${secondText(call.updatedAt)}`]];
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

function transcriptLines({ transcript }: AnyStoredCall): string[] {
  const { status, attempts, nextAttemptAt, reason, turns, text } = transcript;
  const details = [
    status.replace('_', ' '),
    ...(attempts > 0 ? [`${count(attempts, 'look')} so far`] : []),
    ...(nextAttemptAt === null ? [] : [`next look ${secondText(nextAttemptAt)}`]),
    ...(reason === null ? [] : [reason]),
  ];
  const spoken = turns.length > 0 ? turns.map((turn) => `${turn.speaker}: ${turn.text}`) : [text ?? ''];
  return [details.join(', '), ...spoken.flatMap(linesOf).filter((line) => line !== '')];
}

/** Splits a text at line ends of any kind. */
function linesOf(text: string): string[] {
  return text.split(/\r\n|[\n\r\u2028\u2029]/);
}

function changeLine({ what, from, to }: ToldChange): string {
  return from === null ? `${what}: ${valueText(to)}` : `${what}: ${valueText(from)} -> ${valueText(to)}`;
}

function valueText(value: ToldChange['to']): string {
  if (value === null) return '(none)';
  return value instanceof Date ? secondText(value) : String(value);
}
