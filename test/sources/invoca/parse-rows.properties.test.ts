import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createExcludedColumns } from '../../../src/sources/invoca/columns.js';
import { parseRows } from '../../../src/sources/invoca/parse-rows.js';

const excluded = createExcludedColumns([]);
const seenAt = new Date('2025-06-02T18:00:00Z');

const anyEntry = fc.record(
  {
    name: fc.oneof(fc.string(), fc.jsonValue()),
    partner_name: fc.string(),
    data_type: fc.oneof(fc.constant('Signal'), fc.jsonValue()),
    source: fc.jsonValue(),
    value: fc.jsonValue(),
  },
  { requiredKeys: [] },
);

const anyRow = fc.oneof(
  fc.jsonValue({ maxDepth: 4 }),
  fc.record(
    {
      transaction_id: fc.oneof(fc.string(), fc.jsonValue()),
      complete_call_id: fc.oneof(fc.string(), fc.jsonValue()),
      corrects_transaction_id: fc.jsonValue(),
      corrected_at: fc.jsonValue(),
      custom_data: fc.oneof(fc.jsonValue(), anyEntry, fc.array(anyEntry)),
    },
    { requiredKeys: [] },
  ),
);

const goodRow = fc
  .tuple(fc.uuid(), fc.dictionary(fc.string(), fc.jsonValue()), fc.array(anyEntry))
  .map(([id, columns, entries]) => {
    return { custom_data: entries, ...columns, transaction_id: id, complete_call_id: `C-${id.slice(0, 8)}` };
  });

const badRow = fc.oneof(
  fc.constant(null),
  fc.string(),
  fc.array(fc.integer()),
  fc.constant({}),
  fc.constant({ transaction_id: ' ' }),
);

describe('parseRows', () => {
  it('never throws, and makes exactly one transaction or reject of each row', () => {
    fc.assert(
      fc.property(fc.array(anyRow, { maxLength: 5 }), (rows) => {
        const { transactions, rejects } = parseRows({ rows, excluded, seenAt });

        expect(transactions.length + rejects.length).toBe(rows.length);
      }),
    );
  });

  it('keeps every good row, whatever is between', () => {
    const kindOfRow = fc.oneof(
      goodRow.map((row) => ({ row, isGood: true })),
      badRow.map((row) => ({ row, isGood: false })),
    );

    fc.assert(
      fc.property(fc.array(kindOfRow), (rows) => {
        const good = rows
          .filter(({ isGood }) => isGood)
          .map(({ row }) => (row as { transaction_id: string }).transaction_id);

        const parsed = parseRows({ rows: rows.map(({ row }) => row), excluded, seenAt });

        expect(parsed.transactions.map(({ transaction }) => transaction.transactionId)).toEqual(good);
        expect(parsed.lastTransactionId).toBe(good.at(-1) ?? null);
      }),
    );
  });

  it('stores no blank, nothing that is not a scalar and no ill-formed text', () => {
    fc.assert(
      fc.property(goodRow, (row) => {
        const [{ transaction } = expect.fail('rejected')] = parseRows({ rows: [row], excluded, seenAt }).transactions;
        // An entry without a value keeps its name: a Signal without a value is an entry, too.
        const stated = transaction.customData.map(({ value }) => value).filter((value) => value !== null);
        const values = [...Object.values(transaction.columns), ...stated];

        for (const value of values) {
          expect(['string', 'number', 'boolean']).toContain(typeof value);
          expect(value).not.toBe('');
          if (typeof value === 'string') expect(value.isWellFormed()).toBe(true);
        }
      }),
    );
  });

  it('reads a row the same way whatever the order of its columns', () => {
    fc.assert(
      fc.property(goodRow, (row) => {
        const reversed = Object.fromEntries(Object.entries(row).reverse());

        const parsed = parseRows({ rows: [row], excluded, seenAt });

        expect(JSON.stringify(parseRows({ rows: [reversed], excluded, seenAt }))).toBe(JSON.stringify(parsed));
      }),
    );
  });

  it('never stores an excluded column, wherever it appears', () => {
    const secret = 'only-in-excluded-columns';
    const secretIn = fc.record({
      row: goodRow,
      name: fc.string({ minLength: 1 }),
      where: fc.constantFrom('flat', 'nested', 'partner'),
      isGood: fc.boolean(),
    });

    fc.assert(
      fc.property(secretIn, ({ row, name, where, isGood }) => {
        fc.pre(!['transaction_id', 'complete_call_id', 'custom_data'].includes(name));
        const withSecret =
          where === 'flat'
            ? { ...row, [name]: secret }
            : { ...row, custom_data: [{ [where === 'nested' ? 'name' : 'partner_name']: name, value: secret }] };
        const sent = isGood ? withSecret : { ...withSecret, complete_call_id: null };

        const parsed = parseRows({ rows: [sent], excluded: createExcludedColumns([name]), seenAt });

        expect(JSON.stringify(parsed)).not.toContain(secret);
      }),
    );
  });
});
