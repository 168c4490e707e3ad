import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { mergeCall } from '../../../src/domain/invoca/merge.js';
import type { ColumnValue } from '../../../src/domain/blank.js';
import type { Transaction } from '../../../src/domain/invoca/transaction.js';
import { aCorrection, aTransaction, calls, sightings, TYPES, withoutSightings } from '../../support/a-transaction.js';
import { byRank, chainsByLaw, listed, primaryByLaw, recency, startByLaw } from '../../support/laws.js';

function chainCount(transactions: readonly Transaction[]): number {
  const { legs, events } = mergeCall(transactions);
  return legs.length + events.length;
}

describe('law 2, chains', () => {
  it('lists each chain once, by its newest row and its original', () => {
    fc.assert(
      fc.property(calls, (call) => {
        const { legs, events } = mergeCall(call);

        const expected = chainsByLaw(call).sort(byRank(({ newest }) => listed(newest)));
        const inBrief = expected.map(({ newest, original, kind }) => [newest.transactionId, original, kind]);
        expect(legs.map((leg) => [leg.transactionId, leg.originalTransactionId, 'call'])).toEqual(
          inBrief.filter(([, , kind]) => kind === 'call'),
        );
        expect(events.map((event) => [event.transactionId, event.originalTransactionId, event.kind])).toEqual(
          inBrief.filter(([, , kind]) => kind !== 'call'),
        );
      }),
      { numRuns: 1000 },
    );
  });

  it('never adds a leg or an event for a correction', () => {
    const corrected = calls.chain((call) =>
      fc.record({
        call: fc.constant(call),
        of: fc.constantFrom(...call),
        minute: fc.integer({ min: 0, max: 59 }),
        type: fc.constantFrom(...TYPES),
      }),
    );

    fc.assert(
      fc.property(corrected, ({ call, of, minute, type }) => {
        const correction = aCorrection('T9', { of: of.transactionId, minute, transaction_type: type });

        expect(chainCount([...call, correction])).toBe(chainCount(call));
      }),
    );
  });

  it('never adds a leg or an event for an original that arrives after its corrections', () => {
    fc.assert(
      fc.property(calls, fc.constantFrom(...TYPES), (call, type) => {
        const orphans = call.filter(
          ({ correctsTransactionId: id }) => id !== null && !call.some((row) => row.transactionId === id),
        );
        const originals = new Set(orphans.map(({ correctsTransactionId }) => correctsTransactionId ?? ''));
        const found = [...originals].map((id) =>
          aTransaction({ transactionId: id, columns: { transaction_type: type } }),
        );

        expect(chainCount([...call, ...found])).toBe(chainCount(call));
      }),
    );
  });
});

describe('law 2, links', () => {
  it('groups corrections in the same way, whether they point at the original or at the previous correction', () => {
    const rows = fc.uniqueArray(sightings, {
      minLength: 2,
      maxLength: 6,
      selector: ({ transactionId }) => transactionId,
    });

    fc.assert(
      fc.property(rows, ([original, ...others]) => {
        const linkedBy = (linkOf: (index: number) => string | undefined): Transaction[] =>
          [original, ...others].flatMap((row, index) => {
            if (row === undefined) return [];
            const corrected = {
              corrects_transaction_id: linkOf(index) ?? null,
              corrected_at: `2024-05-02T0${index}:00Z`,
            };
            const columns = { ...row.columns, ...(index === 0 ? { corrects_transaction_id: null } : corrected) };
            return [{ ...aTransaction({ ...row, columns }), customData: row.customData }];
          });

        const star = mergeCall(linkedBy(() => original?.transactionId));
        const path = mergeCall(linkedBy((index) => [original, ...others][index - 1]?.transactionId));

        const { columns: _star, ...ofStar } = withoutSightings(star);
        const { columns: _path, ...ofPath } = withoutSightings(path);
        expect(ofPath).toEqual(ofStar);
        expect(star.legs.length + star.events.length).toBe(1);
      }),
    );
  });
});

describe('law 3, the call', () => {
  it('takes its values from the newest row of the primary leg', () => {
    fc.assert(
      fc.property(calls, (call) => {
        const merged = mergeCall(call);

        const newest = primaryByLaw(chainsByLaw(call))?.newest;
        expect(merged.columns).toEqual(newest?.columns);
        expect(merged.result).toBe(newest?.columns['call_result_description_detail'] ?? null);
        expect(merged.recordingUrl).toBe(newest?.columns['recording'] ?? null);
        expect(merged.provenance.result).toBe(merged.result === null ? undefined : newest?.transactionId);
      }),
      { numRuns: 1000 },
    );
  });

  it('finds start, parties and durations in the newest row that states one, and never sums', () => {
    const seconds = (value: ColumnValue | undefined): number | null =>
      /^\d+$/.test(String(value)) ? Number(value) : null;

    fc.assert(
      fc.property(calls, (call) => {
        const merged = mergeCall(call);

        const primary = primaryByLaw(chainsByLaw(call));
        const places = [...[...call].sort(byRank(recency)), ...(primary?.rows ?? [])].reverse();
        for (const [name, column] of [
          ['durationSeconds', 'duration'],
          ['connectSeconds', 'connect_duration'],
          ['ivrSeconds', 'ivr_duration'],
        ] as const) {
          const stated = places.map((row) => ({ row, value: seconds(row.columns[column]) }));
          const found = stated.find(({ value }) => (value ?? 0) > 0) ?? stated.find(({ value }) => value === 0);
          expect(merged[name]).toBe(found?.value ?? null);
          expect(merged.provenance[name]).toBe(found?.row.transactionId);
        }
        const starting = places.find((row) => startByLaw(row) !== -Infinity);
        expect(merged.startedAt?.getTime()).toBe(starting && startByLaw(starting));
        expect(merged.provenance.startedAt).toBe(starting?.transactionId);
        const calling = places.find(({ columns }) => columns['calling_phone_number'] !== undefined);
        expect(merged.from).toBe(calling?.columns['calling_phone_number'] ?? null);
        expect(merged.provenance.from).toBe(calling?.transactionId);
      }),
      { numRuns: 1000 },
    );
  });
});
