import { describe, expect, it } from 'vitest';
import { transactionFromColumns } from '../../../src/domain/invoca/row.js';
import { aTransaction, SEEN_AT } from '../../support/a-transaction.js';

describe('transactionFromColumns', () => {
  it('leaves blanks out and derives type and links, which stay in the columns', () => {
    const columns = {
      transaction_type: 'Post Call Event',
      corrects_transaction_id: 'T0',
      corrected_at: '2024-05-02 09:41:30 -07:00',
      city: '',
      region: null,
      notes: undefined,
      opt_in_SMS: 0,
      mobile: false,
    };

    expect(transactionFromColumns({ transactionId: 'T1', columns, customData: [], seenAt: SEEN_AT })).toStrictEqual({
      transactionId: 'T1',
      type: 'Post Call Event',
      correctsTransactionId: 'T0',
      correctedAt: new Date('2024-05-02T16:41:30Z'),
      firstSeenAt: SEEN_AT,
      columns: {
        corrected_at: '2024-05-02 09:41:30 -07:00',
        corrects_transaction_id: 'T0',
        mobile: false,
        opt_in_SMS: 0,
        transaction_type: 'Post Call Event',
      },
      customData: [],
    });
  });

  it('lists the columns in name order, whatever order they came in', () => {
    expect(Object.keys(aTransaction({ columns: { region: 'NV', city: 'Reno', mobile: 'x' } }).columns)).toEqual([
      'city',
      'mobile',
      'region',
    ]);
  });

  it('does not keep the download address of the recording, which differs on each read', () => {
    expect(aTransaction({ columns: { recording_download_url: 'https://example.com/?sig=1' } }).columns).toEqual({});
  });

  it('keeps values as MongoDB gives them back', () => {
    const { columns } = aTransaction({ columns: { a: -0, b: 'x\uD800', c: Number.POSITIVE_INFINITY } });

    expect(columns).toStrictEqual({ a: 0, b: 'x\uFFFD', c: 'Infinity' });
  });

  it('has no correction instant if corrected_at states none', () => {
    expect(aTransaction({ columns: { corrected_at: '2024-05-02 09:41:30' } }).correctedAt).toBeNull();
  });
});
