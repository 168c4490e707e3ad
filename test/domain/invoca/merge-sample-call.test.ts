import { describe, expect, it } from 'vitest';
import { mergeCall } from '../../../src/domain/invoca/merge.js';
import type { ColumnValue } from '../../../src/domain/blank.js';
import {
  aCall,
  aCorrection,
  aField,
  aPostCallEvent,
  aSignal,
  aTransaction,
  mergeAll,
  SEEN_LATER,
} from '../../support/a-transaction.js';
import { BLANK_FIELDS } from '../../support/blank-fields.js';

/** Columns that every row of the sample call repeats. */
const OF_THE_CALL: Readonly<Record<string, ColumnValue>> = {
  complete_call_id: '7F3A-1C9E5B20D4A8',
  start_time_local: '2024-05-02 09:31:07 -07:00',
  start_time_utc: 1714667467000,
};

const CALL = aCall(
  '3F9A1C20-7B5D0E41',
  {
    ...OF_THE_CALL,
    advertiser_campaign_name: 'Search US',
    affiliate_name: '',
    call_result_description_detail: 'Paid',
    advertiser_payin_localized: '12.00',
    payin_conditions: 'duration > 1 min and in_region',
    calling_phone_number: '775-555-0143',
    destination_phone_number: '775-555-0199',
    duration: 214,
    connect_duration: 181,
    ivr_duration: 33,
    recording: 'https://mynetwork.invoca.net/call/recording/EXAMPLE',
    corrected_at: null,
    opt_in_SMS: 0,
    signal_name: '',
    revenue: null,
  },
  {
    nested: [
      aField('utm_medium', 'Search', 'DynamicAttribution'),
      aField('gclid', '198ab9a93f8c7348', 'DynamicAttribution'),
      aSignal('Over 60s', true, 'Expression'),
    ],
  },
);

const CORRECTION = aCall(
  'B00D77E1-0294AC3F',
  {
    ...OF_THE_CALL,
    corrects_transaction_id: '3F9A1C20-7B5D0E41',
    corrected_at: '2024-05-02 09:41:30 -07:00',
    duration: 214,
    connect_duration: 181,
    ivr_duration: 33,
    calling_phone_number: '775-555-0143',
    call_result_description_detail: 'Paid',
    advertiser_payin_localized: '12.00',
    signal_name: 'Over 60s, Quote',
    revenue: '0.0',
  },
  {
    nested: [
      aField('utm_medium', 'Search', 'DynamicAttribution'),
      aSignal('Over 60s', true, 'Expression'),
      aSignal('Quote', true),
      aSignal('Purchase Made', false),
    ],
  },
);

const EVENT = aPostCallEvent(
  '0C41D9AA-5E10F882',
  {
    ...OF_THE_CALL,
    duration: null,
    signal_partner_unique_id: 'crm-551',
    signal_occurred_at: '1714673144',
    revenue: '100.0',
  },
  { nested: [aSignal('Purchase Made', true, 'Api'), aField('line_of_business', 'Great Deals')] },
);

const CORRECTED_EVENT = aPostCallEvent(
  '91FE2B03-C7D4415A',
  {
    ...OF_THE_CALL,
    corrects_transaction_id: '0C41D9AA-5E10F882',
    corrected_at: '2024-05-03 08:00:12 -07:00',
    duration: null,
    signal_partner_unique_id: 'crm-551',
    signal_occurred_at: '1714673144',
    revenue: '80.0',
  },
  { nested: [aSignal('Purchase Made', true, 'Api'), aField('line_of_business', 'Standard')] },
);

const THE_CALL = {
  ...BLANK_FIELDS,
  startedAt: new Date('2024-05-02T16:31:07Z'),
  durationSeconds: 214,
  connectSeconds: 181,
  ivrSeconds: 33,
  from: '775-555-0143',
  to: '775-555-0199',
  fromKey: '7755550143',
  result: 'Paid',
  revenue: '80.0',
  signals: [
    { name: 'Over 60s', value: true, source: 'Expression', transactionId: '3F9A1C20-7B5D0E41' },
    { name: 'Purchase Made', value: true, source: 'Api', transactionId: '0C41D9AA-5E10F882' },
    { name: 'Quote', value: true, source: 'AI', transactionId: 'B00D77E1-0294AC3F' },
  ],
  customData: [
    {
      name: 'line_of_business',
      dataType: 'Category',
      source: 'Api',
      value: 'Standard',
      transactionId: '91FE2B03-C7D4415A',
    },
    {
      name: 'utm_medium',
      dataType: 'Category',
      source: 'DynamicAttribution',
      value: 'Search',
      transactionId: '3F9A1C20-7B5D0E41',
    },
  ],
  legs: [
    {
      transactionId: 'B00D77E1-0294AC3F',
      originalTransactionId: '3F9A1C20-7B5D0E41',
      bundled: false,
      durationSeconds: 214,
    },
  ],
  events: [
    {
      kind: 'post_call_event',
      partnerUniqueId: 'crm-551',
      occurredAt: new Date('2024-05-02T18:05:44Z'),
      revenue: '80.0',
      transactionId: '91FE2B03-C7D4415A',
      originalTransactionId: '0C41D9AA-5E10F882',
    },
  ],
  columns: CORRECTION.columns,
  provenance: {
    startedAt: 'B00D77E1-0294AC3F',
    durationSeconds: 'B00D77E1-0294AC3F',
    connectSeconds: 'B00D77E1-0294AC3F',
    ivrSeconds: 'B00D77E1-0294AC3F',
    from: 'B00D77E1-0294AC3F',
    to: '3F9A1C20-7B5D0E41',
    result: 'B00D77E1-0294AC3F',
    revenue: ['91FE2B03-C7D4415A'],
  },
  recordingUrl: null,
};

describe('mergeCall, for a call with a correction and a corrected post call event', () => {
  it('returns the document of the contract', () => {
    const merged = mergeCall([CALL, CORRECTION, EVENT, CORRECTED_EVENT]);

    expect(merged).toStrictEqual({ ...THE_CALL, transactions: [EVENT, CALL, CORRECTED_EVENT, CORRECTION] });
  });

  it.each([
    ['null', null],
    ['0', 0],
    ['the text 0', '0'],
  ])('keeps the durations when the original is read again with its durations cleared to %s', (_, blank) => {
    const cleared = { duration: blank, connect_duration: blank, ivr_duration: blank };
    const reread = { ...CALL.columns, ...cleared };

    const merged = mergeAll(
      CORRECTED_EVENT,
      aTransaction({ transactionId: CALL.transactionId, columns: reread, seenAt: SEEN_LATER }),
      CALL,
      CORRECTION,
      EVENT,
    );

    expect(merged.durationSeconds).toBe(214);
    expect(merged.transactions.find(({ transactionId }) => transactionId === CALL.transactionId)).toEqual(CALL);
  });

  it('takes the durations from an older row if a correction has none', () => {
    const { legs, durationSeconds, provenance } = mergeAll(
      CALL,
      aCorrection('C1', { of: CALL.transactionId, minute: 1, duration: 0 }),
    );

    expect(durationSeconds).toBe(214);
    expect(provenance.durationSeconds).toBe(CALL.transactionId);
    expect(legs).toMatchObject([{ transactionId: 'C1', durationSeconds: 214 }]);
  });

  it('replaces the attributes of the original with those of the correction, blanks included', () => {
    const merged = mergeAll(CALL, aCorrection('C1', { of: CALL.transactionId, minute: 1, notes: 'called back' }));

    expect(merged.result).toBeNull();
    expect(merged.recordingUrl).toBeNull();
    expect(merged.columns).toEqual({
      transaction_type: 'Call',
      corrects_transaction_id: CALL.transactionId,
      corrected_at: '2024-05-02 12:01:00 +00:00',
      notes: 'called back',
    });
    expect(merged.from).toBe('775-555-0143');
  });
});
