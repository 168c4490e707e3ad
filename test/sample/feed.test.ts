import { describe, expect, it } from 'vitest';
import { createSampleFeed, type SampleFeed } from '../../src/sample/feed/feed.js';
import type { FeedRow } from '../../src/sample/feed/feed-row.js';
import { scenarioCount } from '../../src/sample/feed/scenarios.js';

interface Entry {
  readonly name?: string;
  readonly partner_name?: string;
  readonly data_type?: string;
  readonly source?: string;
  readonly value?: unknown;
}

interface Row extends Readonly<Record<string, unknown>> {
  readonly transaction_id: string;
  readonly corrects_transaction_id: string | null;
  readonly transaction_type: string;
  readonly complete_call_id: string;
  readonly corrected_at: string | null;
  readonly start_time_utc: number | string;
  readonly duration?: number | string | null;
  readonly custom_data?: readonly Entry[];
}

const endsAt = new Date('2025-06-09T20:00:00.500Z');
const week = createSampleFeed({ seed: 7, endsAt });

function rowsOf(feed: SampleFeed): Row[] {
  return feed.rows.map(({ row }) => row as Row);
}

function callIdsOf(feed: SampleFeed): Set<string> {
  return new Set(rowsOf(feed).map((row) => row.complete_call_id));
}

const rows = rowsOf(week);
const byId = new Map(rows.map((row) => [row.transaction_id, row]));
const originals = rows.filter((row) => row.transaction_type === 'Call' && !row.corrects_transaction_id);

function correctedBy(row: Row): Row | undefined {
  return row.corrects_transaction_id ? byId.get(row.corrects_transaction_id) : undefined;
}

function valueOf(row: Row | undefined, name: string): unknown {
  return row?.custom_data?.find((entry) => entry.name === name)?.value;
}

function endOf({ row }: FeedRow): number {
  const { start_time_utc: start, complete_call_id: callId } = row as Row;
  const call = originals.find((original) => original.complete_call_id === callId);
  return Number(start) + Number(call?.duration) * 1_000;
}

describe('the sample feed', () => {
  it('is the same for the same options, and different for another seed', () => {
    expect(createSampleFeed({ seed: 7, endsAt, calls: 200 })).toEqual(
      createSampleFeed({ seed: 7, endsAt, calls: 200 }),
    );
    expect(createSampleFeed({ seed: 8, endsAt, calls: 200 })).not.toEqual(
      createSampleFeed({ seed: 7, endsAt, calls: 200 }),
    );
  });

  it('has 2,000 calls in the 7 days before its end', () => {
    const starts = originals.map((row) => Number(row.start_time_utc));

    expect(callIdsOf(week).size).toBe(2_000);
    expect(Math.max(...starts)).toBeLessThan(endsAt.getTime());
    expect(Math.min(...starts)).toBeGreaterThan(endsAt.getTime() - 7.05 * 86_400_000);
  });

  it('follows the hours of an office', () => {
    const atHour = (hours: readonly number[]) =>
      originals.filter((row) => hours.includes(Number(String(row['start_time_local']).slice(11, 13)))).length;

    expect(atHour([9, 10, 11])).toBeGreaterThan(5 * atHour([0, 1, 2, 3, 4, 5]));
  });

  it('is ordered by availability, and shows no call before its end', () => {
    const instants = week.rows.map(({ availableAt }) => availableAt.getTime());

    expect(instants).toEqual([...instants].sort((a, b) => a - b));
    expect(week.rows.filter((row) => row.availableAt.getTime() < endOf(row))).toEqual([]);
  });

  it('shows every call of the period by its end', () => {
    const shown = week.rows.filter(({ availableAt }) => availableAt <= endsAt).map(({ row }) => row as Row);

    expect(new Set(shown.map((row) => row.complete_call_id)).size).toBe(2_000);
  });

  it('has unique ids of the documented shapes, in no order', () => {
    const ids = rows.map((row) => row.transaction_id);

    expect(new Set(ids).size).toBe(ids.length);
    expect(ids.filter((id) => !/^[0-9A-F]{8}-[0-9A-F]{8}$/.test(id))).toEqual([]);
    expect([...callIdsOf(week)].filter((id) => !/^[0-9A-F]{4}-[0-9A-F]{12}$/.test(id))).toEqual([]);
    const ascents = ids.filter((id, index) => id > (ids[index - 1] ?? '')).length;
    expect(ascents / ids.length).toBeGreaterThan(0.4);
    expect(ascents / ids.length).toBeLessThan(0.6);
  });

  it('uses fictitious phone numbers only', () => {
    const numbers = JSON.stringify(rows).match(/\b\d{3}-\d{3}-\d{4}\b/g) ?? [];

    expect(numbers.length).toBeGreaterThan(4_000);
    expect(numbers.filter((number) => !/^\d{3}-555-01\d\d$/.test(number))).toEqual([]);
  });
});

describe('the trickle', () => {
  const trickled = (calls: number) =>
    createSampleFeed({ seed: 7, endsAt, calls: 100, trickle: { calls, everyMs: 4_000 } });

  it('adds a new call every few seconds after the end', () => {
    const period = callIdsOf(createSampleFeed({ seed: 7, endsAt, calls: 100 }));
    const firstRows = new Map<string, number>();
    for (const { row, availableAt } of trickled(50).rows) {
      const { complete_call_id: callId } = row as Row;
      if (!period.has(callId) && !firstRows.has(callId)) firstRows.set(callId, availableAt.getTime());
    }
    const arrivals = [...firstRows.values()];

    expect(arrivals).toHaveLength(50);
    expect(Math.min(...arrivals)).toBeGreaterThan(endsAt.getTime());
    expect(Math.max(...arrivals)).toBeLessThan(endsAt.getTime() + 51 * 4_000 + 20_000);
  });

  it('does not change the other calls when it grows', () => {
    const ids = new Set(rowsOf(trickled(30)).map((row) => row.transaction_id));

    const amongMore = trickled(60).rows.filter(({ row }) => ids.has((row as Row).transaction_id));

    expect(amongMore).toEqual(trickled(30).rows);
  });
});

describe('the cases of the sample feed', () => {
  const cases: [string, (row: Row) => boolean][] = [
    ['corrections', (row) => correctedBy(row) !== undefined],
    ['second corrections of an original', (row) => isSecondCorrection(row) && !correctedBy(row)?.corrected_at],
    ['corrections of a correction', (row) => Boolean(correctedBy(row)?.corrects_transaction_id)],
    ['corrections with other offsets', (row) => /(-0[45]|\+00):00$/.test(row.corrected_at ?? '')],
    ['bundled legs', (row) => row['payin_conditions'] === 'Bundled'],
    [
      'post call events',
      (row) => row.transaction_type === 'Post Call Event' && Boolean(row['signal_partner_unique_id']),
    ],
    ['corrected events', (row) => row.transaction_type === 'Post Call Event' && correctedBy(row) !== undefined],
    ['events corrected on a later day', (row) => row.transaction_type === 'Post Call Event' && daysLate(row) >= 1],
    ['second events of a call', (row) => String(row['signal_partner_unique_id']).endsWith('-2')],
    ['events reported again without a link', (row) => row.transaction_type === 'Post Call Event' && isRepeated(row)],
    ['signals taken back', (row) => isTakenBack(row)],
    ['null signals', (row) => row.custom_data?.some((e) => e.data_type === 'Signal' && e.value === null) ?? false],
    [
      'signals that are false',
      (row) => row.custom_data?.some((e) => e.data_type === 'Signal' && e.value === false) ?? false,
    ],
    ['entries under name', (row) => row.custom_data?.some(({ name }) => name !== undefined) ?? false],
    ['entries under partner_name', (row) => row.custom_data?.some((e) => e.partner_name !== undefined) ?? false],
    ['names with a dot', (row) => valueOf(row, 'location.code') !== undefined],
    ['names with a dollar and spaces', (row) => valueOf(row, 'Lead $ Tier') !== undefined],
    ['old Signal rows', (row) => row.transaction_type === 'Signal'],
    ['old Signal rows that are false', (row) => row.transaction_type === 'Signal' && row['signal_value'] === 0],
    ['old Sale rows', (row) => row.transaction_type === 'Sale'],
    ['reported conversions', (row) => row.transaction_type === 'Reported Conversion'],
    ['quick hang-ups', (row) => Number(row.duration) < 8 && row.custom_data?.length === 0 && row['recording'] === ''],
    ['durations as strings', (row) => typeof row.duration === 'string'],
    ['starts as strings', (row) => typeof row.start_time_utc === 'string'],
    ['money with signs', (row) => String(row['revenue']).startsWith('$')],
    ['unknown columns', (row) => 'Chair Time' in row && Array.isArray(row['conversation_topics'])],
    ['blanks as null', (row) => row['city'] === null],
    ['blanks as empty text', (row) => row['region'] === ''],
  ];

  it.each(cases)('has %s', (_what, isCase) => {
    expect(rows.filter(isCase).length).toBeGreaterThanOrEqual(20);
  });

  it.each(['AI', 'Expression', 'Ivr', 'Api', 'UserOverride'])('has Signals by %s', (source) => {
    const isSignal = (entry: Entry) => entry.data_type === 'Signal' && entry.source === source;

    expect(rows.filter((row) => row.custom_data?.some(isSignal)).length).toBeGreaterThanOrEqual(20);
  });

  it('gives a bundled call two legs of equal length under one call id', () => {
    const bundled = originals.filter((row) => row['payin_conditions'] === 'Bundled');

    for (const leg of bundled) {
      const legs = originals.filter((row) => row.complete_call_id === leg.complete_call_id);
      expect(legs.map(({ duration }) => duration)).toEqual([leg.duration, leg.duration]);
      expect(legs.filter((row) => row['payin_conditions'] === 'Bundled')).toHaveLength(1);
    }
  });

  it('clears durations to null on some rows and to 0 on others', () => {
    const cleared = week.rows.map(({ clearedTo }) => clearedTo);

    expect(cleared.filter((value) => value === null).length).toBeGreaterThan(500);
    expect(cleared.filter((value) => value === 0).length).toBeGreaterThan(500);
  });

  it('makes each correction a full row, later than the row it corrects', () => {
    const corrections = week.rows.filter(({ row }) => (row as Row).corrects_transaction_id);

    for (const { row, availableAt } of corrections) {
      const correction = row as Row;
      const corrected = correctedBy(correction);
      expect(corrected?.complete_call_id).toBe(correction.complete_call_id);
      expect(Object.keys(correction)).toEqual(expect.arrayContaining(Object.keys(corrected ?? {})));
      expect(new Date(String(correction.corrected_at)).getTime()).toBeLessThan(availableAt.getTime());
      expect(rows.indexOf(correction)).toBeGreaterThan(rows.findIndex((row) => row === corrected));
    }
  });

  it('has them all in a feed of as many calls as there are scenarios', () => {
    const few = rowsOf(createSampleFeed({ seed: 1, endsAt, calls: scenarioCount }));
    const types = new Set(few.map((row) => row.transaction_type));

    expect(types).toEqual(new Set(['Call', 'Post Call Event', 'Signal', 'Sale', 'Reported Conversion']));
    expect(few.some((row) => row['payin_conditions'] === 'Bundled')).toBe(true);
    expect(few.some((row) => 'Chair Time' in row)).toBe(true);
  });
});

function isSecondCorrection(row: Row): boolean {
  const { corrects_transaction_id: corrected } = row;
  return corrected !== null && rows.find((other) => other.corrects_transaction_id === corrected) !== row;
}

function daysLate(row: Row): number {
  const occurredMs = Number(row['signal_occurred_at']) * 1_000;
  return row.corrected_at ? (new Date(row.corrected_at).getTime() - occurredMs) / 86_400_000 : 0;
}

function isRepeated(row: Row): boolean {
  if (row.corrects_transaction_id !== null) return false;
  const partnerId = row['signal_partner_unique_id'];
  const sameIds = rows.filter(
    (other) => other['signal_partner_unique_id'] === partnerId && !other.corrects_transaction_id,
  );
  return sameIds.length > 1 && sameIds.every((other) => other.complete_call_id === row.complete_call_id);
}

function isTakenBack(row: Row): boolean {
  return valueOf(row, 'Appointment Booked') === false && valueOf(correctedBy(row), 'Appointment Booked') === true;
}
