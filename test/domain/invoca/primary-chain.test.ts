import { describe, expect, it } from 'vitest';
import { aCall, aCorrection, aPostCallEvent, mergeAll } from '../../support/a-transaction.js';

describe('mergeCall, for a bundled call', () => {
  const bundle = aCall('5AC0019E-11D2F0B7', {
    advertiser_campaign_name: 'Bundle West',
    payin_conditions: 'Bundled',
    start_time_utc: 1714669320000,
    duration: 95,
    revenue: '3.00',
  });
  const destination = aCall(
    '5AC0019F-8E4470C2',
    {
      advertiser_campaign_name: 'Destination 12',
      payin_conditions: 'duration > 1 min',
      start_time_utc: 1714669320000,
      duration: 95,
      revenue: '4.50',
    },
    {
      flat: [
        ['Quote', 1],
        ['utm_medium', 'Email'],
        ['Quote.source', 'AI'],
      ],
    },
  );

  it('has two legs, and takes its values from the destination campaign', () => {
    const merged = mergeAll(bundle, destination);

    expect(merged.columns['advertiser_campaign_name']).toBe('Destination 12');
    expect(merged.legs).toEqual([
      {
        transactionId: '5AC0019E-11D2F0B7',
        originalTransactionId: '5AC0019E-11D2F0B7',
        bundled: true,
        durationSeconds: 95,
      },
      {
        transactionId: '5AC0019F-8E4470C2',
        originalTransactionId: '5AC0019F-8E4470C2',
        bundled: false,
        durationSeconds: 95,
      },
    ]);
  });

  it('counts the duration and the revenue of the call once', () => {
    const { durationSeconds, revenue, provenance } = mergeAll(bundle, destination);

    expect(durationSeconds).toBe(95);
    expect(revenue).toBe('4.50');
    expect(provenance.revenue).toEqual(['5AC0019F-8E4470C2']);
  });

  it('keeps the flat columns of the destination as custom data', () => {
    expect(mergeAll(bundle, destination).customData).toEqual([
      { name: 'Quote', dataType: null, source: 'AI', value: 1, transactionId: '5AC0019F-8E4470C2' },
      { name: 'utm_medium', dataType: null, source: null, value: 'Email', transactionId: '5AC0019F-8E4470C2' },
    ]);
  });

  it('stays with the destination when the bundle leg is corrected later', () => {
    const correction = aCorrection('C1', { of: bundle.transactionId, minute: 9, corrected_at: '2024-05-03T00:00Z' });

    const merged = mergeAll(bundle, destination, correction);

    expect(merged.columns['advertiser_campaign_name']).toBe('Destination 12');
    expect(merged.legs.map((leg) => [leg.transactionId, leg.bundled])).toEqual([
      ['5AC0019F-8E4470C2', false],
      ['C1', true],
    ]);
  });

  it.each([
    ['two destinations', 'any', 'any'],
    ['two bundle legs', 'Bundled', ' bundled '],
  ])('chooses the newest of %s', (_, one, other) => {
    const merged = mergeAll(
      aCall('A', { payin_conditions: one, start_time_utc: 1714669320001 }),
      aCall('B', { payin_conditions: other, start_time_utc: 1714669320000 }),
      aPostCallEvent('C', { signal_occurred_at: '1914673144' }),
    );

    expect(merged.columns['start_time_utc']).toBe(1714669320001);
  });
});

describe('mergeCall, for a call whose Call row was never seen', () => {
  it('takes its values from its newest event, and counts its revenue once', () => {
    const merged = mergeAll(
      aPostCallEvent('E1', {
        signal_occurred_at: '1714673144',
        revenue: '5.00',
        call_result_description_detail: 'Paid',
      }),
      aPostCallEvent('E2', { signal_occurred_at: '1714673145', revenue: '7.00', start_time_utc: '1714667467000' }),
    );

    expect(merged).toMatchObject({ result: null, revenue: '12.00', legs: [] });
    expect(merged.startedAt).toEqual(new Date('2024-05-02T16:31:07Z'));
    expect(merged.provenance).toEqual({ startedAt: 'E2', revenue: ['E1', 'E2'] });
  });

  it('orders rows of the same instant by type, then id', () => {
    const at = { signal_occurred_at: '1714673144' };
    const rows = ['Widget', 'Post Call Event', 'Signal', 'Sale'].map((type, index) =>
      aCall(`T${index}`, { ...at, transaction_type: type }),
    );

    expect(mergeAll(...rows).columns['transaction_type']).toBe('Widget');
    expect(mergeAll(...rows.slice(1)).columns['transaction_type']).toBe('Post Call Event');
    expect(mergeAll(...rows.slice(2)).columns['transaction_type']).toBe('Signal');
    expect(mergeAll(aCall('Y', at), aCall('Z', at), aCall('X', at)).legs.at(-1)?.transactionId).toBe('Z');
  });
});
