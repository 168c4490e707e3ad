import { describe, expect, it } from 'vitest';
import { mergeCall } from '../../../src/domain/invoca/merge.js';
import type { Transaction } from '../../../src/domain/invoca/transaction.js';
import { aCall, aPostCallEvent, aTransaction, mergeAll } from '../../support/a-transaction.js';
import { BLANK_FIELDS } from '../../support/blank-fields.js';

describe('mergeCall, for values that rows leave out', () => {
  it('returns null in every field for an empty row', () => {
    const row = aTransaction();

    expect(mergeCall([row])).toStrictEqual({
      ...BLANK_FIELDS,
      fromKey: null,
      signals: [],
      customData: [],
      legs: [],
      events: [
        {
          kind: 'other',
          type: null,
          partnerUniqueId: null,
          occurredAt: null,
          revenue: null,
          transactionId: 'T1',
          originalTransactionId: 'T1',
        },
      ],
      columns: {},
      transactions: [row],
      provenance: {},
    });
  });

  it('accepts a call without rows', () => {
    expect(mergeCall([])).toMatchObject({ legs: [], events: [], transactions: [], columns: {}, provenance: {} });
  });

  it('returns 0 seconds only if no row states more', () => {
    expect(mergeAll(aCall('A', { duration: '0' }), aPostCallEvent('B'))).toMatchObject({
      durationSeconds: 0,
      legs: [{ durationSeconds: 0 }],
      provenance: { durationSeconds: 'A' },
    });
    expect(mergeAll(aCall('A', { duration: 0 }), aPostCallEvent('B', { duration: 7 }))).toMatchObject({
      durationSeconds: 7,
      legs: [{ durationSeconds: 0 }],
      provenance: { durationSeconds: 'B' },
    });
  });

  it('takes the start from start_time_xml if start_time_utc is unreadable', () => {
    const row = aCall('A', { start_time_utc: 'soon', start_time_xml: '2024-05-02T09:31:07-07:00' });

    expect(mergeAll(row).startedAt).toEqual(new Date('2024-05-02T16:31:07Z'));
  });

  it('takes the result from the column that advertisers get', () => {
    const { result } = mergeAll(aCall('A', { call_result_description_detail_managed_advertiser: 'Repeat' }));

    expect(result).toBe('Repeat');
  });

  it.each([
    ['+1 (775) 555-0143', '7755550143'],
    ['911', '911'],
    ['Anonymous', null],
    [17755550143, '7755550143'],
  ])('makes the key of the caller %s from the last ten digits', (from, key) => {
    expect(mergeAll(aCall('A', { calling_phone_number: from })).fromKey).toBe(key);
  });

  it('takes the recording from the newest row', () => {
    const { recordingUrl, provenance } = mergeAll(aCall('A', { recording: 'https://mynetwork.invoca.net/r/1' }));

    expect(recordingUrl).toBe('https://mynetwork.invoca.net/r/1');
    expect(provenance.recordingUrl).toBe('A');
  });
});

describe('mergeCall, for rows of older API versions', () => {
  it('makes an event of each Sale and each Signal', () => {
    const rows: Transaction[] = [
      aCall('A', { start_time_utc: 1714667467000 }),
      aCall('B', { transaction_type: 'Signal', start_time_utc: 1714667467000, signal_name: 'Quote' }),
      aCall('C', { transaction_type: 'Reported Conversion', start_time_utc: 1714667467000, revenue: '$9.99' }),
      aCall('D', { transaction_type: 'SMS Reply', start_time_utc: 1714667467000 }),
    ];

    const { events, revenue, legs } = mergeAll(...rows);

    expect(legs).toHaveLength(1);
    expect(revenue).toBe('9.99');
    expect(events).toMatchObject([{ kind: 'signal' }, { kind: 'sale' }, { kind: 'other', type: 'SMS Reply' }]);
    expect(events.map((event) => 'type' in event)).toEqual([false, false, true]);
  });
});
