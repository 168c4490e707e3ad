import { describe, expect, it } from 'vitest';
import { createExcludedColumns } from '../../../src/sources/invoca/columns.js';
import { parseRows } from '../../../src/sources/invoca/parse-rows.js';
import { UnparsedRow } from '../../../src/sources/json/cut-rows.js';

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
    { what: 'that is not an object', row: [1, 2], code: 'not-an-object', transactionId: null },
    { what: 'that is null', row: null, code: 'not-an-object', transactionId: null },
    { what: 'that is text', row: 'row', code: 'not-an-object', transactionId: null },
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

  it('keeps its call id, whatever else is wrong', () => {
    const { complete_call_id: callId } = ids;
    for (const wrong of [{ transaction_id: null }, { notes: 'x'.repeat(1024 * 1024) }]) {
      expect(rejectOf({ ...ids, ...wrong }).callId).toBe(callId);
    }
    expect(rejectOf({ ...ids, complete_call_id: 'a\nb' }).callId).toBeNull();
  });

  it('accepts an id of 64 characters', () => {
    expect(parse([{ ...ids, transaction_id: 'x'.repeat(64) }]).rejects).toEqual([]);
  });

  it('is one of more than 1 MiB, whose text is cut between two characters', () => {
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
    // A control character takes six bytes in JSON, and one in the text.
    const controls = Math.floor((1024 * 1024 - overhead) / 6);
    expect(parse([row('\u0001'.repeat(controls))]).rejects).toEqual([]);
    expect(parse([row('\u0001'.repeat(controls + 1))]).rejects).toHaveLength(1);
    expect(parse([row('€'.repeat(350_000))]).rejects).toHaveLength(1);
  });

  it('is one that is nested too deeply', () => {
    let nested: unknown = 1;
    for (let depth = 0; depth < 100_000; depth += 1) nested = [nested];

    expect(rejectOf({ ...ids, nested })).toEqual({
      callId: ids.complete_call_id,
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

describe('a row that is not JSON', () => {
  const text = '{"transaction_id":"T-1","complete_call_id":"C-1"';

  function parseText(row: string | Buffer, { isWhole = true, excluded = [] as readonly string[] } = {}) {
    const rows = [new UnparsedRow(Buffer.from(row), { isWhole })];
    return parseRows({ rows, excluded: createExcludedColumns(excluded), seenAt });
  }

  it('is repaired and stored, with every digit of its numbers', () => {
    const row = `${text},"duration":NaN,"revenue":12.340000000000001,"notes":"a\u0000b","Quote":0x10}`;

    expect(parseText(row)).toMatchObject({
      rejects: [],
      lastTransactionId: 'T-1',
      transactions: [
        {
          callId: 'C-1',
          transaction: {
            columns: { duration: 'NaN', revenue: '12.340000000000001', notes: 'a\u0000b' },
            customData: [{ name: 'Quote', value: '0x10' }],
          },
        },
      ],
    });
  });

  it('has U+FFFD for a byte that is not UTF-8', () => {
    const { transactions } = parseText(Buffer.from(`${text},"notes":"caf\u00e9","city":"Reno"}`, 'latin1'));

    expect(transactions[0]?.transaction.columns).toMatchObject({ notes: 'caf\ufffd', city: 'Reno' });
  });

  it.each([
    ['a number with thousands separators', `${text},"revenue":1,234.50}`, true, 'unreadable'],
    ['an equals sign', `${text},"revenue"=5}`, true, 'unreadable'],
    ['no end', `${text},"notes":"abc`, false, 'broken-off'],
    ['no call id', '{"transaction_id":"T-1","revenue":NaN}', true, 'no-call-id'],
    ['deep nesting', `${text},"x":${'['.repeat(50_000)}NaN${']'.repeat(50_000)}}`, true, 'too-deep'],
    ['more than 1 MiB', `${text},"x":NaN,"notes":"${'x'.repeat(1024 * 1024)}"}`, true, 'too-large'],
  ])('is a reject with %s: its ids are found, and its text is kept', (_what, row, isWhole, reason) => {
    const { rejects, transactions, lastTransactionId } = parseText(row, { isWhole });

    expect(transactions).toEqual([]);
    expect(lastTransactionId).toBe('T-1');
    expect(rejects).toEqual([
      {
        transactionId: 'T-1',
        callId: row.includes('C-1') ? 'C-1' : null,
        reason: expect.stringMatching(new RegExp(`^${reason}: .{20,}`)) as string,
        raw: row.slice(0, 1024 * 1024),
      },
    ]);
  });

  it.each([
    ['"corrects_transaction_id":"T-0","transaction_id":"T-1",', 'T-1'],
    [String.raw`"notes":"{\"transaction_id\":\"T-0\"}","transaction_id" : "T\u002d1",`, 'T-1'],
    ["'transaction_id':'T-1',", 'T-1'],
    ['transaction_id: 41,', '41'],
    ['"transaction_id":41}', '41'],
    ['"transaction_id":"T-1', null],
    ['"transaction_id":4', null],
    ['"transaction_id":null,', null],
    ['"transaction_id":"",', null],
    ['"notes":"transaction_id: T-1",', null],
  ])('has the id that is complete in its text: %s', (members, transactionId) => {
    expect(parseText(`{${members}`, { isWhole: false }).rejects).toMatchObject([{ transactionId }]);
  });

  it('has no id with a byte that cannot be read', () => {
    const row = Buffer.from('{"transaction_id":"T-\u00e9","complete_call_id":"C-1"}', 'latin1');

    expect(parseText(row)).toMatchObject({
      lastTransactionId: null,
      rejects: [{ transactionId: null, callId: 'C-1', raw: row.toString(), rawBase64: row.toString('base64') }],
    });
  });

  it('is the same reject when it is read again with a new signature, which is not kept', () => {
    const [first, second] = ['1', '2'].map((signature) =>
      parseText(`${text},"recording_download_url":"https://x/?${signature}","notes":"abc`, { isWhole: false }),
    );

    expect(second).toEqual(first);
    expect(first?.rejects[0]?.raw).toBe(`${text},"recording_download_url":"","notes":"abc`);
  });

  it('keeps only its ids if its text contains an excluded column', () => {
    const row = `${text},"Patient_Name":"Mara","notes":"abc`;

    expect(parseText(row, { isWhole: false, excluded: ['patient_name'] }).rejects).toMatchObject([
      { transactionId: 'T-1', callId: 'C-1', raw: '{"transaction_id":"T-1","complete_call_id":"C-1"}' },
    ]);
  });
});
