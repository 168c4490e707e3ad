import { sampleRowOf, secondsAfter, toFeedRow, type CallStory } from './story.js';
import { callTimes, newTransactionId, type SampleRow } from './call-row.js';
import { callerNames } from './company.js';
import type { FeedRow } from './feed-row.js';

/** Writes Signals and sales as separate rows, as versions before 2020-10-01 do. */
export function oldVersionRowsOf(story: CallStory, leg: FeedRow): FeedRow[] {
  const { facts, traits, random } = story;
  if (!traits.has('old-signals')) return [];
  const at = secondsAfter(leg.availableAt, random.int(1, 30));
  const rows = [
    signalRow(story, { name: 'Asked For Price', value: '1', source: 'Ivr' }),
    // An older row may omit the value: naming the Signal means that it is true.
    signalRow(story, { name: 'Mentioned Website', value: null, source: 'Machine' }),
    signalRow(story, { name: 'Wrong Number', value: 0, source: 'Expression' }),
  ];
  const soldAt = secondsAfter(facts.endedAt, random.int(3_600, 86_400));
  const sales = saleTypes(story).map((type) => saleRow({ story, leg, type }));
  return [
    ...rows.map((row) => toFeedRow({ row, availableAt: at, random })),
    ...sales.map((row) => toFeedRow({ row, availableAt: soldAt, random })),
  ];
}

function saleTypes({ traits }: CallStory): string[] {
  return [
    ...(traits.has('old-sale') ? ['Sale'] : []),
    ...(traits.has('reported-conversion') ? ['Reported Conversion'] : []),
  ];
}

function signalRow(
  story: CallStory,
  { name, value, source }: { name: string; value: unknown; source: string },
): SampleRow {
  return {
    ...identity(story, 'Signal'),
    signal_name: name,
    signal_value: value,
    signal_source: source,
    signal_description: '',
    signal_partner_unique_id: '',
    signal_occurred_at: String(Math.floor(story.facts.endedAt.getTime() / 1_000)),
    duration: null,
  };
}

function saleRow({ story, leg, type }: { story: CallStory; leg: FeedRow; type: string }): SampleRow {
  const { random } = story;
  const dollars = random.int(90, 2_400);
  return {
    ...identity(story, type),
    original_order_id: sampleRowOf(leg)['transaction_id'],
    sale_amount: `$${dollars.toLocaleString('en-US')}.50`,
    revenue: `${dollars}.5`,
    reason_code: 'TREATMENT',
    name: random.pick(callerNames),
    email_address: `patient${random.int(100, 999)}@bluefern-dental.example`,
    sku_list: 'D0150,D1110',
    quantity_list: '1,1',
  };
}

function identity({ facts, random }: CallStory, type: string): SampleRow {
  return {
    transaction_id: newTransactionId(random),
    corrects_transaction_id: '',
    transaction_type: type,
    complete_call_id: facts.callId,
    corrected_at: '',
    ...callTimes(facts),
  };
}
