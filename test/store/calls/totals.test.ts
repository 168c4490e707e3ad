import Big from 'big.js';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { MergedInvocaCall } from '../../../src/domain/invoca/invoca-call.js';
import { TOTALS_BY, type Figures, type TotalsBy } from '../../../src/domain/totals/totals.js';
import type { Transaction } from '../../../src/domain/invoca/transaction.js';
import { crediraCallFromFields } from '../../../src/domain/credira/credira-call.js';
import type { CallTotals } from '../../../src/store/calls/totals.js';
import { aCall, histories, mergeAll } from '../../support/a-transaction.js';
import { aMerge, MERGED_AT, rowsOf, TRANSCRIPT_POLICY } from '../../support/call-rows.js';
import { useTestDatabase } from '../../support/test-database.js';

const test = useTestDatabase();

const timeZone = 'America/Los_Angeles';
/** The clocks go back on the second of these days, and on the last day of another month nothing happens. */
const days = { from: '2024-10-31', to: '2024-11-04' };

/** Instants around the ends of days, and in the hour that the clock shows twice. */
const starts = fc.constantFrom<(string | null)[]>(
  ...['2024-10-31T06:59:59.999Z', '2024-10-31T07:00:00.000Z', '2024-11-01T06:59:59.999Z', '2024-11-03T06:59:59.999Z'],
  ...['2024-11-03T07:00:00.000Z', '2024-11-03T08:30:00.000Z', '2024-11-03T09:30:00.000Z', '2024-11-04T07:59:59.999Z'],
  ...['2024-11-04T08:00:00.000Z', '2024-11-05T07:59:59.999Z', '2024-11-05T08:00:00.000Z'],
  null,
);

interface FedCall {
  readonly callId: string;
  readonly rows: readonly Transaction[];
  readonly hasTranscript: boolean;
  readonly isErased: boolean;
}

const feeds: fc.Arbitrary<FedCall[]> = fc
  .array(
    fc.record({
      history: histories,
      start: starts,
      campaign: fc.constantFrom('Search US', 'search us', 5, '5', null),
      hasTranscript: fc.boolean(),
      isErased: fc.constantFrom(true, false, false, false, false),
    }),
    { minLength: 8, maxLength: 30 },
  )
  .map((calls) =>
    calls.map(({ history, start, campaign, ...call }, index) => ({
      ...call,
      callId: `CALL-${index}`,
      rows: history.map((row) => {
        const { start_time_utc: _, start_time_xml: __, ...columns } = row.columns;
        const started = start === null ? {} : { start_time_utc: Date.parse(start) };
        const named = campaign === null ? {} : { advertiser_campaign_name: campaign };
        return { ...row, columns: { ...columns, ...started, ...named } };
      }),
    })),
  );

async function store(account: string, calls: readonly FedCall[]): Promise<void> {
  const rows = calls.flatMap((call) => rowsOf(call.callId, call.rows));
  await test.store.calls.mergeTransactions(aMerge(account, rows));
  const idsOf = (which: (call: FedCall) => boolean): string[] =>
    calls.filter(which).map(({ callId }) => `${account}:${callId}`);
  const documents = test.db.collection<{ _id: string }>('calls');
  await documents.updateMany(
    { _id: { $in: idsOf(({ hasTranscript }) => hasTranscript) } },
    { $set: { 'transcript.status': 'available' } },
  );
  const erased = idsOf(({ isErased }) => isErased);
  await test.store.erasures.eraseCalls(erased, MERGED_AT);
  await documents.updateMany({ _id: { $in: erased } }, { $set: { account, updatedAt: MERGED_AT } });
}

const dayText = new Intl.DateTimeFormat('en-CA', { timeZone, year: 'numeric', month: '2-digit', day: '2-digit' });

/** Returns the keys under which a call counts; null if it is in no range of days. */
function keysOf({ startedAt, result, columns, signals }: MergedInvocaCall, by: TotalsBy): (string | null)[] | null {
  const day = startedAt === null ? null : dayText.format(startedAt);
  if (day !== null && (day < days.from || day > days.to)) return null;
  const campaign = columns['advertiser_campaign_name'];
  return {
    day: [day],
    month: [day === null ? null : day.slice(0, 7)],
    campaign: [campaign === undefined ? null : String(campaign)],
    result: [result],
    signal: signals.filter(({ value }) => value).map(({ name }) => name.toLowerCase()),
  }[by];
}

/** Counts the calls one after the other. */
function countedOneByOne(calls: readonly FedCall[], by: TotalsBy): Record<string, Figures> {
  const counted: Record<string, Figures> = {};
  for (const { rows, hasTranscript, isErased } of calls) {
    const call = mergeAll(...rows);
    const keys = keysOf(call, by);
    if (isErased || keys === null) continue;
    for (const key of ['TOTAL', ...keys.map((name) => `key ${String(name)}`)]) {
      const sofar = counted[key];
      counted[key] = {
        calls: (sofar?.calls ?? 0) + 1,
        callTransactions: (sofar?.callTransactions ?? 0) + call.legs.length,
        durationSeconds: (sofar?.durationSeconds ?? 0) + (call.durationSeconds ?? 0),
        connectSeconds: (sofar?.connectSeconds ?? 0) + (call.connectSeconds ?? 0),
        revenue: new Big(sofar?.revenue ?? 0).plus(call.revenue ?? 0).toFixed(),
        transcripts: (sofar?.transcripts ?? 0) + (hasTranscript ? 1 : 0),
      };
    }
  }
  return counted;
}

function byKey({ rows, total }: CallTotals, by: TotalsBy): Record<string, Figures> {
  const plain = ({ revenue, ...figures }: Figures): Figures => ({
    ...figures,
    revenue: new Big(revenue ?? Number.NaN).toFixed(),
  });
  const named = rows.map(({ key, ...figures }) => {
    const shown = by === 'signal' ? key?.toLowerCase() : key;
    return [`key ${String(shown)}`, plain(figures)] as const;
  });
  expect(new Set(named.map(([name]) => name)).size).toBe(named.length);
  return Object.fromEntries(total.calls === 0 ? [] : [...named, ['TOTAL', plain(total)]]);
}

describe('calls.totals', () => {
  it('equals a count of the calls one by one, by every key, across a change of the clocks', async () => {
    let account = 0;
    await fc.assert(
      fc.asyncProperty(feeds, async (calls) => {
        account += 1;
        await store(`feed-${account}`, calls);
        for (const by of TOTALS_BY) {
          const counted = await test.store.calls.totals({ account: `feed-${account}`, days, timeZone, by });
          expect(byKey(counted, by), by).toEqual(countedOneByOne(calls, by));
        }
      }),
      { numRuns: 6 },
    );
  });

  it('adds decimals exactly, and reports a sum out of range as null', async () => {
    const start_time_utc = Date.parse('2024-11-03T09:30:00Z');
    const revenues = ['0.1', '0.20', '-1000000000000000000000000.01', '12345678901234567890'];
    const ofRevenue = (revenue: string, index: number) =>
      rowsOf(`C${revenue}${index}`, [aCall(`T${index}`, { start_time_utc, revenue })]);
    await test.store.calls.mergeTransactions(aMerge('exact', revenues.flatMap(ofRevenue)));
    const asked = { days, timeZone, by: 'day' } as const;
    const { rows, total } = await test.store.calls.totals({ account: 'exact', ...asked });
    expect(total.revenue).toBe('-999987654321098765432109.71');
    expect(rows.map(({ key, revenue }) => [key, revenue])).toEqual([['2024-11-03', total.revenue]]);

    await test.store.calls.mergeTransactions(aMerge('huge', ['9E6144', '9E6144'].flatMap(ofRevenue)));
    const huge = await test.store.calls.totals({ account: 'huge', ...asked });
    expect(huge).toMatchObject({ rows: [{ calls: 2, revenue: null }], total: { calls: 2, revenue: null } });
  });

  it('counts a day of 25 hours, and none for a day that the zone skips', async () => {
    const hourly = (from: string, hours: number) =>
      Array.from({ length: hours }, (_, hour) =>
        rowsOf(`${from}+${hour}`, [aCall(`${from}+${hour}`, { start_time_utc: Date.parse(from) + hour * 3_600_000 })]),
      ).flat();
    await test.store.calls.mergeTransactions(aMerge('long', hourly('2024-11-03T07:00:00Z', 25)));
    const long = await test.store.calls.totals({ account: 'long', days, timeZone, by: 'day' });
    expect(long.rows.map(({ key, calls }) => [key, calls])).toEqual([['2024-11-03', 25]]);

    const apia = { timeZone: 'Pacific/Apia', days: { from: '2011-12-29', to: '2011-12-31' } };
    await test.store.calls.mergeTransactions(aMerge('skips', hourly('2011-12-29T10:00:00Z', 48)));
    const skips = await test.store.calls.totals({ account: 'skips', ...apia, by: 'day' });
    expect(skips.rows.map(({ key, calls }) => [key, calls])).toEqual([
      ['2011-12-29', 24],
      ['2011-12-31', 24],
    ]);
  });

  it('counts calls of Credira, which have neither legs nor campaign nor revenue', async () => {
    const fields = { id: 'call_1', start_time: '2024-11-03T23:59:59Z', duration: 180, status: 'completed' };
    const calls = [crediraCallFromFields({ callId: 'call_1', fields, seenAt: MERGED_AT })];
    const request = { account: 'loans', calls, transcriptPolicy: TRANSCRIPT_POLICY, now: () => MERGED_AT };
    await test.store.crediraCalls.merge(request);
    const figures = { calls: 1, callTransactions: 0, durationSeconds: 180, connectSeconds: 0, transcripts: 0 };
    const expected = { ...figures, revenue: '0' };
    const keys = { day: '2024-11-03', month: '2024-11', campaign: null, result: 'completed' };
    for (const [by, key] of Object.entries(keys)) {
      const asked = { account: 'loans', days, timeZone: 'UTC', by: by as TotalsBy };
      expect(await test.store.calls.totals(asked)).toEqual({ rows: [{ key, ...expected }], total: expected });
    }
    const bySignal = await test.store.calls.totals({ account: 'loans', days, timeZone: 'UTC', by: 'signal' });
    expect(bySignal).toEqual({ rows: [], total: expected });
  });
});
