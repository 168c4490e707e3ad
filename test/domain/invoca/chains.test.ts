import { describe, expect, it } from 'vitest';
import type { MergedInvocaCall } from '../../../src/domain/invoca/invoca-call.js';
import type { Transaction } from '../../../src/domain/invoca/transaction.js';
import { aCall, aCorrection, aPostCallEvent, mergeAll } from '../../support/a-transaction.js';

/** Writes each chain as "newest of original", in order. */
function chains(...rows: readonly Transaction[]): string[] {
  const { legs, events } = mergeAll(...rows);
  return [...legs, ...events].map((chain) => `${chain.transactionId} of ${chain.originalTransactionId}`);
}

function newest(...rows: readonly Transaction[]): MergedInvocaCall['columns'][string] | undefined {
  return mergeAll(...rows).columns['notes'];
}

describe('a chain of corrections', () => {
  it('is one leg, whether corrections point at the original or at the previous correction', () => {
    const original = aCall('A');

    expect(
      chains(original, aCorrection('B', { of: 'A', minute: 1 }), aCorrection('C', { of: 'A', minute: 2 })),
    ).toEqual(['C of A']);
    expect(
      chains(original, aCorrection('B', { of: 'A', minute: 1 }), aCorrection('C', { of: 'B', minute: 2 })),
    ).toEqual(['C of A']);
  });

  it('is one leg under the id of the original even before the original was seen', () => {
    expect(chains(aCorrection('B', { of: 'A', minute: 1 }), aCorrection('C', { of: 'A', minute: 2 }))).toEqual([
      'C of A',
    ]);
  });

  it('is one leg if corrections correct each other in a loop', () => {
    const loop = [
      aCorrection('B', { of: 'C', minute: 3 }),
      aCorrection('C', { of: 'D', minute: 1 }),
      aCorrection('D', { of: 'B', minute: 1 }),
    ];

    expect(chains(...loop)).toEqual(['B of B']);
    expect(chains(...loop, aCorrection('E', { of: 'D', minute: 4 }))).toEqual(['E of B']);
    expect(chains(aCorrection('A', { of: 'A', minute: 1 }))).toEqual(['A of A']);
  });

  it('counts the links of a loop from its smallest id', () => {
    const loop = [
      aCorrection('B', { of: 'C', minute: 1 }),
      aCorrection('C', { of: 'D', minute: 1 }),
      aCorrection('D', { of: 'B', minute: 1 }),
    ];

    expect(chains(...loop)).toEqual(['C of B']);
  });

  it('has the values of its newest row: that with the latest corrected_at, compared as an instant', () => {
    expect(
      newest(
        aCall('A', { corrected_at: '2024-05-02 23:00:00 +00:00', notes: 'original' }),
        aCall('Z', { corrects_transaction_id: 'A', notes: 'undated' }),
        aCall('B', { corrects_transaction_id: 'A', corrected_at: '2024-05-02 09:41:30 -07:00', notes: 'newest' }),
        aCall('C', { corrects_transaction_id: 'B', corrected_at: '2024-05-02 16:41:29 +00:00', notes: 'older' }),
      ),
    ).toBe('newest');
  });

  it.each([
    ['the original is older than a correction without corrected_at', [aCall('Z', { notes: 'original' })], 'Z'],
    [
      'a correction without corrected_at is older than one with',
      [aCorrection('A1', { of: 'O', minute: 1, notes: 'dated' })],
      'O',
    ],
  ])('%s', (_, rows, of) => {
    const undated = aCall('M', { corrects_transaction_id: of, corrected_at: '2024-05-02 09:41:30', notes: 'undated' });

    expect(newest(...rows, undated)).toBe(of === 'Z' ? 'undated' : 'dated');
  });

  it('prefers the longest path of links among corrections of the same instant', () => {
    expect(
      newest(
        aCall('A'),
        aCorrection('C', { of: 'A', minute: 1, notes: 'first', signal_occurred_at: '1714673144' }),
        aCorrection('B', { of: 'C', minute: 1, notes: 'second' }),
      ),
    ).toBe('second');
  });

  it('counts a missing original as a step of the path', () => {
    expect(
      newest(
        aPostCallEvent('E', { signal_partner_unique_id: 'crm-1' }),
        aPostCallEvent('G', { signal_partner_unique_id: 'crm-1', corrects_transaction_id: 'E', notes: 'one step' }),
        aPostCallEvent('F', { signal_partner_unique_id: 'crm-1', corrects_transaction_id: 'X', notes: 'one step too' }),
      ),
    ).toBe('one step');
  });

  it('then prefers the latest signal_occurred_at, then the greatest id', () => {
    const rows = [
      aCorrection('B', { of: 'A', minute: 1, notes: 'later', signal_occurred_at: '1714673145' }),
      aCorrection('C', { of: 'A', minute: 1, notes: 'earlier', signal_occurred_at: '1714673144' }),
    ];

    expect(newest(...rows)).toBe('later');
    expect(newest(...rows, aCorrection('D', { of: 'A', minute: 1, notes: 'D', signal_occurred_at: 1714673145 }))).toBe(
      'D',
    );
  });

  it('has the type of the newest row that states one', () => {
    const untyped = aCorrection('C', { of: 'B', minute: 2, transaction_type: null });

    expect(
      mergeAll(aCall('A'), aCorrection('B', { of: 'A', minute: 1, transaction_type: 'Sale' }), untyped).events,
    ).toMatchObject([{ kind: 'sale', transactionId: 'C' }]);
  });
});

describe('post call events', () => {
  const partner = { signal_partner_unique_id: 'crm-551' };

  it('are one event if they have the same partner id, even without a link', () => {
    expect(
      chains(
        aPostCallEvent('A', { ...partner, signal_occurred_at: '1714673145' }),
        aPostCallEvent('B', { ...partner, signal_occurred_at: '1714673144' }),
        aPostCallEvent('C', { ...partner, corrects_transaction_id: 'X' }),
      ),
    ).toEqual(['C of B']);
  });

  it('are several events if their partner ids differ or are empty', () => {
    expect(
      chains(
        aPostCallEvent('A', partner),
        aPostCallEvent('B', { signal_partner_unique_id: 'crm-552' }),
        aPostCallEvent('C', { signal_partner_unique_id: '' }),
        aPostCallEvent('D', { signal_partner_unique_id: null }),
      ),
    ).toEqual(['A of A', 'B of B', 'C of C', 'D of D']);
  });

  it('do not join a call or a sale with the same partner id', () => {
    expect(
      chains(aCall('A', partner), aPostCallEvent('B', partner), aCall('C', { ...partner, transaction_type: 'Sale' })),
    ).toEqual(['A of A', 'B of B', 'C of C']);
  });

  it('compare partner ids as text', () => {
    expect(
      chains(
        aPostCallEvent('A', { signal_partner_unique_id: 551 }),
        aPostCallEvent('B', { signal_partner_unique_id: '551' }),
      ),
    ).toEqual(['B of A']);
  });

  it('take the smallest missing id as the original if all of them are corrections', () => {
    expect(
      chains(
        aPostCallEvent('A', { ...partner, corrects_transaction_id: 'Y' }),
        aPostCallEvent('B', { ...partner, corrects_transaction_id: 'X' }),
      ),
    ).toEqual(['B of X']);
  });
});
