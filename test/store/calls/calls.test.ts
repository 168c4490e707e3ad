import { describe, expect, it } from 'vitest';
import type { Transaction } from '../../../src/domain/invoca/transaction.js';
import { aCall, aCorrection, aPostCallEvent } from '../../support/a-transaction.js';
import { aMerge, rowsOf } from '../../support/call-rows.js';
import { useTestDatabase } from '../../support/test-database.js';

const test = useTestDatabase();

function startedAt(day: number): number {
  return Date.UTC(2024, 4, day);
}

async function store(account: string, calls: Readonly<Record<string, readonly Transaction[]>>): Promise<void> {
  const rows = Object.entries(calls).flatMap(([callId, transactions]) => rowsOf(callId, transactions));
  await test.store.calls.mergeTransactions(aMerge(account, rows));
}

describe('calls.countUnreadableAmounts', () => {
  it('counts unreadable amounts once, however often their rows are read, until they are corrected', async () => {
    const { store: stores } = test;
    const unreadable = {
      'AMOUNT-A': [aCall('AMOUNT-1', { revenue: 'abc' }), aPostCallEvent('AMOUNT-2', { revenue: '12,50' })],
      'AMOUNT-B': [aCall('AMOUNT-3', { revenue: '12,50' })],
      'AMOUNT-C': [aCall('AMOUNT-4', { revenue: '12.50' })],
    };
    await store('amounts', unreadable);
    await store('amounts', unreadable);
    await store('amounts-too', { 'AMOUNT-A': [aCall('AMOUNT-1', { revenue: 'abc' })] });

    expect((await stores.calls.countUnreadableAmounts(['amounts'])).get('amounts')).toBe(3);
    await store('amounts', { 'AMOUNT-A': [aCorrection('AMOUNT-5', { of: 'AMOUNT-1', minute: 1, revenue: '5' })] });
    expect((await stores.calls.countUnreadableAmounts(['amounts'])).get('amounts')).toBe(2);
    await store('amounts', { 'AMOUNT-B': [aCorrection('AMOUNT-6', { of: 'AMOUNT-3', minute: 1, revenue: '5' })] });
    expect((await stores.calls.countUnreadableAmounts(['amounts'])).get('amounts')).toBe(1);
    const readable = await stores.calls.find({ account: 'amounts', id: 'AMOUNT-B' });
    expect(readable?.provenance).toEqual({ revenue: ['AMOUNT-6'] });
    expect((await stores.calls.countUnreadableAmounts(['amounts-none'])).get('amounts-none')).toBeUndefined();
  });
});

describe('calls.find', () => {
  it('finds a call by its id and by the id of any of its transactions', async () => {
    await store('one', { 'ONE-A': [aCall('ONE-1'), aPostCallEvent('ONE-2')], 'ONE-B': [aCall('ONE-3')] });
    for (const id of ['ONE-A', 'ONE-1', 'ONE-2']) {
      expect(await test.store.calls.find({ account: 'one', id })).toMatchObject({ _id: 'one:ONE-A', callId: 'ONE-A' });
    }
  });

  it('looks in one account, or in all and returns the newest call', async () => {
    await store('older', { SHARED: [aCall('SHARED-1', { start_time_utc: startedAt(1) })] });
    await store('newer', { SHARED: [aCall('SHARED-1', { start_time_utc: startedAt(2) })] });
    for (const id of ['SHARED', 'SHARED-1']) {
      expect(await test.store.calls.find({ account: 'older', id })).toMatchObject({ account: 'older' });
      expect(await test.store.calls.find({ account: null, id })).toMatchObject({ account: 'newer' });
      expect(await test.store.calls.find({ account: 'neither', id })).toBeNull();
    }
  });

  it('takes an id for a call id before it takes it for a transaction id', async () => {
    await store('both', {
      'SAME-ID': [aCall('BOTH-1', { start_time_utc: startedAt(1) })],
      'BOTH-OTHER': [aCall('SAME-ID', { start_time_utc: startedAt(2) })],
    });
    expect(await test.store.calls.find({ account: null, id: 'SAME-ID' })).toMatchObject({ callId: 'SAME-ID' });
  });

  it('finds nothing by an unknown id', async () => {
    expect(await test.store.calls.find({ account: null, id: 'NOBODY' })).toBeNull();
  });
});

describe('calls.example', () => {
  it('shows the call with the most corrections, then the one with the most transactions', async () => {
    await store('example', {
      PLAIN: [aCall('T1', { start_time_utc: startedAt(9) })],
      EVENTS: [aCall('T1'), aPostCallEvent('T2'), aPostCallEvent('T3'), aPostCallEvent('T4')],
    });
    expect(await test.store.calls.example('example')).toMatchObject({ callId: 'EVENTS' });
    await store('example', { CORRECTED: [aCall('T1'), aCorrection('T2', { of: 'T1', minute: 1 })] });
    expect(await test.store.calls.example('example')).toMatchObject({ callId: 'CORRECTED' });
  });

  it('returns none for an account without calls', async () => {
    expect(await test.store.calls.example('empty')).toBeNull();
  });
});

describe('calls.summary', () => {
  it('counts the calls and their transcripts, and has the start of the newest', async () => {
    await store('summary', {
      A: [aCall('T1', { start_time_utc: startedAt(1) })],
      B: [aCall('T2', { start_time_utc: startedAt(3) })],
      C: [aCall('T3', { start_time_utc: startedAt(2) })],
      D: [aCall('T4')],
    });
    await store('summary-other', { E: [aCall('T5', { start_time_utc: startedAt(4) })] });
    await test.db
      .collection('calls')
      .updateOne({ account: 'summary', callId: 'C' }, { $set: { 'transcript.status': 'available' } });
    expect(await test.store.calls.summary('summary')).toEqual({
      calls: 4,
      newestStartedAt: new Date(startedAt(3)),
      transcripts: { pending: 3, available: 1 },
    });
  });

  it('is empty for an account without calls', async () => {
    expect(await test.store.calls.summary('empty')).toEqual({ calls: 0, newestStartedAt: null, transcripts: {} });
  });
});
