import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { foldTransactions } from '../../../src/domain/invoca/fold.js';
import { mergeCall } from '../../../src/domain/invoca/merge.js';
import type { ColumnValue } from '../../../src/domain/blank.js';
import type { Transaction } from '../../../src/domain/invoca/transaction.js';
import {
  aTransaction,
  calls,
  foldAll,
  histories,
  pagesOf,
  SEEN_LAST,
  SEEN_LATER,
  shuffledAndRepeated,
  withoutSightings,
} from '../../support/a-transaction.js';

const THOROUGH = { numRuns: 500 };

/** Returns the row as the source shows it after it was corrected. */
function cleared(row: Transaction, blank: null | 0 | '0'): Transaction {
  const columns = Object.entries(row.columns).map(([name, value]): [string, ColumnValue | null] => [
    name,
    name.endsWith('duration') && Number(value) > 0 ? blank : value,
  ]);
  return {
    ...aTransaction({ transactionId: row.transactionId, columns: Object.fromEntries(columns), seenAt: SEEN_LAST }),
    customData: row.customData,
  };
}

describe('mergeCall', () => {
  it('returns the same call for any order, repetition, division into pages and interleaving of two feeds', () => {
    const feeds = histories.chain((history) =>
      fc.record({
        history: fc.constant(history),
        live: fc.shuffledSubarray(history, { minLength: history.length }).chain(pagesOf),
        other: shuffledAndRepeated(history).chain(pagesOf),
        turns: fc.infiniteStream(fc.boolean()),
      }),
    );

    fc.assert(
      fc.property(feeds, ({ history, live, other, turns }) => {
        const queues = [[...live], [...other]];
        let stored: Transaction[] = [];
        while (queues.some((queue) => queue.length > 0)) {
          const isLive = turns.next().value === true;
          const seen = queues[isLive ? 0 : 1]?.shift() ?? queues[isLive ? 1 : 0]?.shift() ?? [];
          stored = foldTransactions({ stored, seen }).transactions;
        }

        expect(JSON.stringify(mergeCall(stored))).toBe(JSON.stringify(mergeCall(foldAll(history))));
      }),
      THOROUGH,
    );
  });

  it('ignores the order of the transactions', () => {
    const twice = calls.chain((call) =>
      fc.tuple(fc.constant(call), fc.shuffledSubarray(call, { minLength: call.length })),
    );

    fc.assert(
      fc.property(twice, ([one, other]) => {
        expect(JSON.stringify(mergeCall(one))).toBe(JSON.stringify(mergeCall(other)));
      }),
      THOROUGH,
    );
  });

  it('ignores the time at which a row was seen', () => {
    fc.assert(
      fc.property(calls, fc.array(fc.constantFrom(SEEN_LATER, SEEN_LAST)), (call, seenAts) => {
        const elsewhen = call.map((row, index) => ({ ...row, firstSeenAt: seenAts[index] ?? SEEN_LAST }));

        expect(withoutSightings(mergeCall(elsewhen))).toEqual(withoutSightings(mergeCall(call)));
      }),
    );
  });

  it('does not change the call if a superseded row is read again with its durations cleared', () => {
    const rereads = calls.chain((call) =>
      fc.record({
        call: fc.constant(call),
        again: fc.subarray(call, { minLength: 1 }),
        blank: fc.constantFrom(null, 0 as const, '0' as const),
      }),
    );

    fc.assert(
      fc.property(rereads, ({ call, again, blank }) => {
        const stored = foldAll(call);

        const { transactions, changed } = foldTransactions({ stored, seen: again.map((row) => cleared(row, blank)) });

        expect(changed).toBe(false);
        expect(mergeCall(transactions)).toEqual(mergeCall(call));
      }),
    );
  });
});
