import { sampleRowOf, secondsAfter, toFeedRow, type CallStory } from './story.js';
import { callTimes, newTransactionId, type SampleRow } from './call-row.js';
import { correct } from './corrections.js';
import { category, signal } from './custom-entries.js';
import type { FeedRow } from './feed-row.js';

const hourSeconds = 3_600;

/** Writes the Post Call Events of a call, one per visit that the CRM reports, and their corrections. */
export function eventRowsOf(story: CallStory, leg: FeedRow): FeedRow[] {
  const { facts, traits, random } = story;
  if (!traits.has('event')) return [];
  const partnerId = `crm-${random.int(10_000, 99_999)}`;
  const occurredAt = secondsAfter(facts.endedAt, random.int(hourSeconds, 20 * hourSeconds));
  const first = event({ story, leg, partnerId, occurredAt });
  const later = (fromHours: number, toHours: number) =>
    secondsAfter(occurredAt, random.int(fromHours * hourSeconds, toHours * hourSeconds));

  const rows = [first];
  if (traits.has('event-corrected')) rows.push(correctedEvent(story, first, later(1, 3)));
  if (traits.has('event-corrected-next-days')) rows.push(correctedEvent(story, first, later(24, 72)));
  if (traits.has('second-event')) {
    rows.push(event({ story, leg, partnerId: `${partnerId}-2`, occurredAt: later(24, 60) }));
  }
  if (traits.has('event-repeated')) rows.push(event({ story, leg, partnerId, occurredAt: later(2, 30) }));
  return rows;
}

interface EventParts {
  readonly story: CallStory;
  readonly leg: FeedRow;
  readonly partnerId: string;
  readonly occurredAt: Date;
}

function event({ story: { facts, random }, leg, partnerId, occurredAt }: EventParts): FeedRow {
  const row = {
    transaction_id: newTransactionId(random),
    corrects_transaction_id: null,
    transaction_type: 'Post Call Event',
    complete_call_id: facts.callId,
    corrected_at: null,
    ...callTimes(facts),
    duration: null,
    connect_duration: null,
    ivr_duration: null,
    // The documentation does not say how many columns of its call an event repeats.
    ...(random.chance(0.5) ? repeatedColumns(sampleRowOf(leg)) : {}),
    signal_partner_unique_id: partnerId,
    signal_occurred_at: String(Math.floor(occurredAt.getTime() / 1_000)),
    signal_source: 'Api',
    revenue: `${random.int(8, 240) * 10}.0`,
    custom_data: [
      signal('Showed Up', 'Api', true),
      signal('Treatment Accepted', 'Api', random.chance(0.5)),
      category('insurance.carrier', 'Api', random.pick(['Northwind Dental', 'Evergreen Mutual', 'Self-pay'])),
    ],
  };
  return toFeedRow({ row, availableAt: secondsAfter(occurredAt, random.int(5, 60)), random });
}

function correctedEvent({ random }: CallStory, newest: FeedRow, at: Date): FeedRow {
  const changes = { revenue: `${random.int(5, 120) * 10}.0` };
  return correct({ newest, at, changes, customData: [signal('Treatment Accepted', 'Api', true)], random });
}

function repeatedColumns(row: SampleRow): SampleRow {
  const names = ['calling_phone_number', 'destination_phone_number', 'advertiser_campaign_name', 'city', 'region'];
  return Object.fromEntries(names.map((name) => [name, row[name]]));
}
