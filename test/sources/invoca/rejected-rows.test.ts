import { describe, expect, it } from 'vitest';
import { createExcludedColumns } from '../../../src/sources/invoca/excluded-columns.js';
import { parseRows } from '../../../src/sources/invoca/parse-rows.js';

const seenAt = new Date('2025-06-02T18:00:00Z');
const ids = { transaction_id: 'B00D77E1-0294AC3F', complete_call_id: '7F3A-1C9E5B20D4A8' };

function parse(rows: readonly unknown[]) {
  return parseRows({ rows, excluded: createExcludedColumns([]), seenAt });
}

function rejectOf(row: unknown) {
  const { transactions, rejects } = parse([row]);
  expect(transactions).toEqual([]);
  const [reject = expect.fail('no reject')] = rejects;
  return reject;
}

describe('a row that is rejected', () => {
  it.each([
    { what: 'not an object', row: [1, 2], code: 'not-an-object', transactionId: null },
    { what: 'null', row: null, code: 'not-an-object', transactionId: null },
    { what: 'text', row: 'row', code: 'not-an-object', transactionId: null },
    {
      what: 'without a transaction id',
      row: { complete_call_id: 'C' },
      code: 'no-transaction-id',
      transactionId: null,
    },
    {
      what: 'with a blank transaction id',
      row: { ...ids, transaction_id: ' ' },
      code: 'no-transaction-id',
      transactionId: null,
    },
    {
      what: 'with an object for an id',
      row: { ...ids, transaction_id: {} },
      code: 'no-transaction-id',
      transactionId: null,
    },
    {
      what: 'with a transaction id of 65 characters',
      row: { ...ids, transaction_id: 'x'.repeat(65) },
      code: 'no-transaction-id',
      transactionId: null,
    },
    {
      what: 'with a control character in its id',
      row: { ...ids, transaction_id: 'a\u0000b' },
      code: 'no-transaction-id',
      transactionId: null,
    },
    { what: 'without a call id', row: { transaction_id: 'T' }, code: 'no-call-id', transactionId: 'T' },
    {
      what: 'with a blank call id',
      row: { ...ids, complete_call_id: null },
      code: 'no-call-id',
      transactionId: ids.transaction_id,
    },
    {
      what: 'with an unusable call id',
      row: { ...ids, complete_call_id: 'a\nb' },
      code: 'no-call-id',
      transactionId: ids.transaction_id,
    },
  ])('is one $what', ({ row, code, transactionId }) => {
    const reject = rejectOf(row);

    expect(reject).toMatchObject({ transactionId, raw: JSON.stringify(row) });
    expect(reject.reason).toMatch(new RegExp(`^${code}: .{20,}`));
  });

  it('takes an id of 64 characters', () => {
    expect(parse([{ ...ids, transaction_id: 'x'.repeat(64) }]).rejects).toEqual([]);
  });

  it('is one of more than 1 MiB, whose text is cut there between two characters', () => {
    const reject = rejectOf({ ...ids, notes: '€'.repeat(400_000) });

    expect(reject.transactionId).toBe(ids.transaction_id);
    expect(reject.reason).toContain('too-large');
    expect(Buffer.byteLength(reject.raw)).toBeLessThanOrEqual(1024 * 1024);
    expect(Buffer.byteLength(reject.raw)).toBeGreaterThan(1024 * 1024 - 4);
    expect(reject.raw).toMatch(/€$/);
  });

  it('counts bytes and not characters', () => {
    const row = (notes: string) => ({ ...ids, notes });
    const overhead = JSON.stringify(row('')).length;

    expect(parse([row('x'.repeat(1024 * 1024 - overhead))]).rejects).toEqual([]);
    expect(parse([row('x'.repeat(1024 * 1024 - overhead + 1))]).rejects).toHaveLength(1);
    expect(parse([row('€'.repeat(350_000))]).rejects).toHaveLength(1);
  });

  it('is one nested too deeply', () => {
    let nested: unknown = 1;
    for (let depth = 0; depth < 100_000; depth += 1) nested = [nested];

    expect(rejectOf({ ...ids, nested })).toEqual({
      transactionId: ids.transaction_id,
      reason: expect.stringContaining('too-deep') as string,
      raw: JSON.stringify({ transactionId: ids.transaction_id }),
    });
  });

  it('is the same reject when it is read again with a new signature', () => {
    const first = rejectOf({ transaction_id: 'T', recording_download_url: 'https://x?1' });
    const second = rejectOf({ transaction_id: 'T', recording_download_url: 'https://x?2' });

    expect(second).toEqual(first);
  });
});
