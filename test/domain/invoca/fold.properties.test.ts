import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { composeCustomData, decomposeCustomData } from '../../../src/domain/invoca/custom-data.js';
import { foldTransactions } from '../../../src/domain/invoca/fold.js';
import type { ColumnValue } from '../../../src/domain/blank.js';
import type { CustomData, Transaction } from '../../../src/domain/invoca/transaction.js';
import { foldAll, histories, pagesOf, shuffledAndRepeated, sightings } from '../../support/a-transaction.js';

type Value = ColumnValue | CustomData;

/** Folds pages one after another into the stored transactions, as drains do. */
function drain(pages: readonly (readonly Transaction[])[]): Transaction[] {
  let stored: Transaction[] = [];
  for (const seen of pages) stored = foldTransactions({ stored, seen }).transactions;
  return stored;
}

/** Law 1, written again: the value of a column that was first seen last, blanks left out, ties by text. */
function valueByLaw(column: string, seen: readonly { at: number; value: Value }[]): Value | undefined {
  const isCleared = (value: Value): boolean => column.endsWith('duration') && (value === 0 || value === '0');
  const stated = seen.some(({ value }) => !isCleared(value)) ? seen.filter(({ value }) => !isCleared(value)) : seen;
  const text = (value: Value): string => JSON.stringify(value);
  const firstSeen = (value: Value): number =>
    Math.min(...stated.filter((other) => text(other.value) === text(value)).map(({ at }) => at));
  const [holding] = stated
    .map(({ value }) => value)
    .sort((a, b) => firstSeen(b) - firstSeen(a) || (text(a) < text(b) ? 1 : -1));
  return holding;
}

function columnsOf(transaction: Transaction): [string, Value][] {
  const { nested, flat } = decomposeCustomData(transaction.customData);
  return [
    ...Object.entries(transaction.columns),
    ...flat.flatMap(([name, value]): [string, Value][] => (value === null ? [] : [[name, value]])),
    ...(nested.length > 0 ? [['custom_data', nested] satisfies [string, Value]] : []),
  ];
}

describe('foldTransactions', () => {
  it('gives the same result for any order, repetition and division into pages', () => {
    const twoWays = histories.chain((history) =>
      fc.record({
        one: shuffledAndRepeated(history).chain(pagesOf),
        other: shuffledAndRepeated(history).chain(pagesOf),
      }),
    );

    fc.assert(
      fc.property(twoWays, ({ one, other }) => {
        expect(drain(one)).toStrictEqual(drain(other));
        expect(JSON.stringify(drain(one))).toBe(JSON.stringify(drain(other)));
      }),
      { numRuns: 400 },
    );
  });

  it('is associative: transactions folded elsewhere fold in like the rows themselves', () => {
    fc.assert(
      fc.property(histories, histories, histories, (a, b, c) => {
        const leftFirst = foldTransactions({ stored: foldAll([...a, ...b]), seen: foldAll(c) }).transactions;
        const rightFirst = foldTransactions({ stored: foldAll(a), seen: foldAll([...b, ...c]) }).transactions;

        expect(leftFirst).toEqual(rightFirst);
        expect(leftFirst).toEqual(foldAll([...a, ...b, ...c]));
      }),
    );
  });

  it('is commutative: two writers who fold each other in agree', () => {
    fc.assert(
      fc.property(histories, histories, (a, b) => {
        const [one, other] = [foldAll(a), foldAll(b)];

        expect(foldTransactions({ stored: one, seen: other }).transactions).toEqual(
          foldTransactions({ stored: other, seen: one }).transactions,
        );
      }),
    );
  });

  it('reports a change exactly if there is something to write', () => {
    fc.assert(
      fc.property(histories, histories, (a, b) => {
        const stored = foldAll(a);

        const { transactions, changed } = foldTransactions({ stored: structuredClone(stored), seen: b });

        expect(changed).toBe(JSON.stringify(transactions) !== JSON.stringify(stored));
      }),
    );
  });

  it('is idempotent: rows read again, now or later, change nothing', () => {
    const pastAndLater = histories.chain((history) =>
      fc.record({
        history: fc.constant(history),
        again: fc.shuffledSubarray(history),
        delayMs: fc.constantFrom(0, 1, 9e9),
      }),
    );

    fc.assert(
      fc.property(pastAndLater, ({ history, again, delayMs }) => {
        const stored = foldAll(history);
        const seen = again.map((row) => ({ ...row, firstSeenAt: new Date(row.firstSeenAt.getTime() + delayMs) }));

        expect(foldTransactions({ stored, seen })).toEqual({ transactions: stored, changed: false });
      }),
    );
  });

  it('keeps in each column the value that law 1 defines', () => {
    fc.assert(
      fc.property(histories, (history) => {
        const folded = foldAll(history);

        expect(folded.map(({ transactionId }) => transactionId)).toEqual(
          [...new Set(history.map(({ transactionId }) => transactionId))].sort(),
        );
        for (const transaction of folded) {
          const rows = history.filter(({ transactionId }) => transactionId === transaction.transactionId);
          const seen = rows.flatMap((row) =>
            columnsOf(row).map(([column, value]) => ({ column, value, at: row.firstSeenAt.getTime() })),
          );
          const names = new Set(seen.map(({ column }) => column));
          const expected = [...names].map((name) => [
            name,
            valueByLaw(
              name,
              seen.filter(({ column }) => column === name),
            ),
          ]);
          expect(new Map(columnsOf(transaction))).toEqual(new Map(expected as [string, Value][]));
          expect(transaction.firstSeenAt.getTime()).toBe(Math.min(...rows.map((row) => row.firstSeenAt.getTime())));
        }
      }),
      { numRuns: 300 },
    );
  });

  it('keeps only necessary sightings: superseded values, and current ones that came later than the row', () => {
    fc.assert(
      fc.property(histories, (history) => {
        for (const transaction of foldAll(history)) {
          const { sightings: kept = null, firstSeenAt } = transaction;
          if (kept === null) continue;
          const holding = new Map(columnsOf(transaction));
          expect(kept).not.toHaveLength(0);
          for (const sighting of kept) {
            expect(holding.has(sighting.column)).toBe(true);
            expect(sighting.value).not.toEqual(holding.get(sighting.column));
            if (sighting.value === undefined) expect(sighting.firstSeenAt).not.toEqual(firstSeenAt);
          }
        }
      }),
    );
  });
});

describe('composeCustomData', () => {
  it('is the inverse of decomposeCustomData, whatever the order', () => {
    const rows = sightings.chain((row) => {
      const { nested, flat } = decomposeCustomData(row.customData);
      const all = { minLength: nested.length };
      return fc.record({
        row: fc.constant(row),
        nested: fc.shuffledSubarray([...nested], all),
        flat: fc.shuffledSubarray(flat, { minLength: flat.length }),
      });
    });

    fc.assert(
      fc.property(rows, ({ row, nested, flat }) => {
        expect(composeCustomData({ nested, flat })).toEqual(row.customData);
      }),
    );
  });

  it('keeps every flat column exactly once', () => {
    const columns = fc.uniqueArray(
      fc.tuple(
        fc.constantFrom('Q', 'Q.source', 'Q.source.source', 'Q.source.source.source', '.source', ''),
        fc.constantFrom<ColumnValue[]>('AI', 1, 'Q'),
      ),
      { selector: ([name]) => name },
    );

    fc.assert(
      fc.property(columns, (flat) => {
        const again = decomposeCustomData(composeCustomData({ nested: [], flat })).flat;

        expect(again).toHaveLength(flat.length);
        expect(new Map(again)).toEqual(new Map(flat));
      }),
    );
  });
});
