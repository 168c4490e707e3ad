import { describe, expect, it } from 'vitest';
import { storyOf } from '../../../src/domain/invoca/story.js';
import { aCall, aCorrection, aField, aPostCallEvent, aSignal } from '../../support/a-transaction.js';

const START = { start_time_utc: Date.UTC(2024, 4, 2, 12, 0) };

describe('storyOf', () => {
  it('lists what the first transaction states and what each correction changes', () => {
    const original = aCall('T1', {
      ...START,
      duration: 60,
      call_result_description_detail: 'In progress',
      other_column: 'Reno',
    });
    const correction = aCorrection(
      'T2',
      {
        of: 'T1',
        minute: 5,
        corrected_at: '2024-05-02 05:05:00 -07:00',
        ...START,
        duration: 60,
        call_result_description_detail: 'Paid',
        other_column: 'Sparks',
      },
      { nested: [aSignal('Quote', true), aField('utm_medium', 'Search')] },
    );

    expect(storyOf([correction, original])).toEqual([
      {
        at: new Date('2024-05-02T12:00:00Z'),
        transactionId: 'T1',
        kind: 'call',
        corrects: null,
        changes: [
          { what: 'startedAt', from: null, to: new Date('2024-05-02T12:00:00Z') },
          { what: 'durationSeconds', from: null, to: 60 },
          { what: 'result', from: null, to: 'In progress' },
          { what: 'legs', from: 0, to: 1 },
        ],
      },
      {
        at: new Date('2024-05-02T12:05:00Z'),
        transactionId: 'T2',
        kind: 'call',
        corrects: 'T1',
        changes: [
          { what: 'result', from: 'In progress', to: 'Paid' },
          { what: 'columns.other_column', from: 'Reno', to: 'Sparks' },
          { what: 'signals.Quote', from: null, to: true },
          { what: 'customData.utm_medium', from: null, to: 'Search' },
        ],
      },
    ]);
  });

  it('lists events with what they add', () => {
    const story = storyOf([
      aCall('T1', START),
      aPostCallEvent('T2', {
        ...START,
        signal_occurred_at: Date.UTC(2024, 4, 3) / 1000,
        signal_partner_unique_id: 'crm-551',
        revenue: '80.0',
      }),
    ]);

    expect(story[1]).toEqual({
      at: new Date('2024-05-03T00:00:00Z'),
      transactionId: 'T2',
      kind: 'post_call_event',
      corrects: null,
      changes: [
        { what: 'revenue', from: null, to: '80.0' },
        { what: 'events', from: 0, to: 1 },
      ],
    });
  });

  it('lists a removed signal and a removed value', () => {
    const story = storyOf([
      aCall('T1', { ...START, other_column: 'Reno' }, { nested: [aSignal('Quote', true), aField('plan', 'gold')] }),
      aCorrection('T2', { of: 'T1', minute: 1, ...START }, { nested: [aSignal('Quote', false)] }),
    ]);

    expect(story[1]?.changes).toEqual([
      { what: 'signals.Quote', from: true, to: false },
      { what: 'customData.plan', from: 'gold', to: null },
      { what: 'columns.other_column', from: 'Reno', to: null },
    ]);
  });

  it('lists a corrected transaction before its correction, whatever their instants', () => {
    const late = aCall('T9', { start_time_utc: Date.UTC(2025, 0, 1) });
    const early = aCorrection('T1', { of: 'T9', minute: 0, ...START });

    expect(storyOf([early, late]).map(({ transactionId }) => transactionId)).toEqual(['T9', 'T1']);
  });

  it('lists every transaction once, even if they correct each other in a loop or correct a missing one', () => {
    const transactions = [
      aCorrection('T1', { of: 'T2', minute: 1 }),
      aCorrection('T2', { of: 'T1', minute: 2 }),
      aCorrection('T3', { of: 'T3', minute: 3 }),
      aCorrection('T4', { of: 'gone', minute: 0 }),
    ];

    expect(storyOf(transactions).map(({ transactionId }) => transactionId)).toEqual(['T4', 'T1', 'T2', 'T3']);
    expect(storyOf([])).toEqual([]);
  });

  it('returns a null instant for a transaction without one', () => {
    expect(storyOf([aCall('T1')])).toMatchObject([{ at: null, kind: 'call' }]);
  });
});
