import { describe, expect, it } from 'vitest';
import { type CallDocument, mergedFields } from '../../../src/store/calls/call-document.js';
import {
  ALL_BUT_TRANSCRIPT,
  type ExistingCall,
  readCalls,
  revisionOf,
  writeCalls,
} from '../../../src/store/calls/call-writes.js';
import { aCall, aPostCallEvent, mergeAll } from '../../support/a-transaction.js';
import { MERGED_AT, aMerge, mergedCallsOf, mergedPartOf, rowsOf } from '../../support/call-rows.js';
import { order, startMergingProcess } from '../../support/merging-processes.js';
import { AVAILABLE, HELD, LEASE_MS, minutesFrom } from '../../support/pending-calls.js';
import { useTestDatabase } from '../../support/test-database.js';

const test = useTestDatabase();

const DUE = minutesFrom(MERGED_AT, 2);
const LOOKED_AT = minutesFrom(DUE, 1);

const call = aCall('T1', { duration: 214, calling_phone_number: '775-555-0143' });
const event = aPostCallEvent('T2', { revenue: '20.50' });

async function aClaimedCall(account: string) {
  await test.store.calls.mergeTransactions(aMerge(account, rowsOf('CALL', [call])));
  const { leasedUntil } = await test.store.transcripts.claim({ account, now: DUE, leaseMs: LEASE_MS, limit: 1 });
  const look = { account, callId: 'CALL', leasedUntil, attempts: 0, outcome: AVAILABLE, now: LOOKED_AT };
  return { finish: () => test.store.transcripts.finishLook(look) };
}

async function expectBoth(account: string): Promise<void> {
  const stored = await test.store.calls.find({ account, id: 'CALL' });
  if (stored === null) throw new Error('the call is not stored');
  expect(mergedPartOf(stored)).toEqual(mergeAll(call, event));
  expect(stored).toMatchObject({ revision: 2, transcript: { ...HELD, status: 'available', attempts: 1 } });
}

describe('a merge and a transcript written to one call', () => {
  it('both stay if the transcript is written between the reading and the writing of the merge', async () => {
    const { finish } = await aClaimedCall('inside');
    const calls = test.db.collection<CallDocument>('calls');
    const found = await readCalls<ExistingCall>({ calls, ids: ['inside:CALL'], fields: ALL_BUT_TRANSCRIPT });
    const before = found.get('inside:CALL');
    if (before === undefined || 'erasedAt' in before) throw new Error('the call is not stored');
    expect(await finish()).toBe(true);
    const writes = [revisionOf({ before, fields: mergedFields(mergeAll(call, event)) })];
    expect(await writeCalls({ calls, writes, doing: 'testing' })).toMatchObject({ created: 0, changed: 1 });
    await expectBoth('inside');
  });

  it('both stay if the merge is written between the claim and the end of the look', async () => {
    const { finish } = await aClaimedCall('outside');
    await test.store.calls.mergeTransactions(aMerge('outside', rowsOf('CALL', [event])));
    expect(await finish()).toBe(true);
    await expectBoth('outside');
  });

  it('both stay if they are written at the same instant', async () => {
    const accounts = Array.from({ length: 30 }, (_, index) => `instant-${index}`);
    const looks = await Promise.all(accounts.map(aClaimedCall));
    const merges = accounts.map((account) => aMerge(account, rowsOf('CALL', [event])));
    const written = await Promise.all([
      ...looks.map(({ finish }) => finish()),
      ...merges.map(async (merge) => (await test.store.calls.mergeTransactions(merge)).changed === 1),
    ]);
    expect(written).toEqual(written.map(() => true));
    for (const account of accounts) await expectBoth(account);
  });
});

const CALLS = 20;
const PAGES = 12;

/** Looks for every transcript of the account repeatedly and finds none. Returns the number of looks. */
async function lookUntil(over: AbortSignal, account: string): Promise<number> {
  let looks = 0;
  for (let minute = 0; !over.aborted; minute += 1) {
    const now = minutesFrom(DUE, minute);
    const claim = { account, now, leaseMs: LEASE_MS, limit: CALLS };
    const { claimed, leasedUntil } = await test.store.transcripts.claim(claim);
    const nextAttemptAt = minutesFrom(now, 1);
    const finished = claimed.map(({ callId, attempts }) =>
      test.store.transcripts.finishLook({
        ...{ account, callId, attempts, leasedUntil, now },
        outcome: { status: 'pending', nextAttemptAt, reason: `look ${attempts + 1}` },
      }),
    );
    looks += (await Promise.all(finished)).filter(Boolean).length;
  }
  return looks;
}

describe('a process that merges and one that looks for transcripts', () => {
  it('lose nothing of each other: every row is in its call and every look is counted', async () => {
    const account = 'processes';
    const callIds = Array.from({ length: CALLS }, (_, index) => `CALL-${index}`);
    const first = callIds.flatMap((callId) => rowsOf(callId, [call]));
    const pages = Array.from({ length: PAGES }, (_, page) =>
      callIds.flatMap((callId) => rowsOf(callId, [aPostCallEvent(`P${page}`, { revenue: String(page) })])),
    );
    await test.store.calls.mergeTransactions(aMerge(account, first));
    const merging = startMergingProcess();
    const { uri, database } = test;
    await order(merging, { kind: 'prepare', uri, database, account, pages });
    const over = new AbortController();
    const looking = lookUntil(over.signal, account);
    const report = await order(merging, { kind: 'start' }).finally(() => over.abort());
    const looks = await looking;

    expect(report).toEqual({ kind: 'done', writes: CALLS * PAGES });
    expect(looks).toBeGreaterThan(0);
    expect(looks % CALLS).toBe(0);
    const merged = mergedCallsOf([...first, ...pages.flat()]);
    for (const callId of callIds) {
      const stored = await test.store.calls.find({ account, id: callId });
      if (stored === null) throw new Error(`${callId} is not stored`);
      expect(mergedPartOf(stored)).toEqual(merged.get(callId));
      expect(stored).toMatchObject({
        revision: PAGES + 1,
        transcript: { status: 'pending', attempts: looks / CALLS, reason: `look ${looks / CALLS}` },
      });
    }
  });
});
