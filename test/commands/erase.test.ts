import { describe, expect, it } from 'vitest';
import { eraseConcerned, findConcerned } from '../../src/operations/erase.js';
import type { LoggedErasure } from '../../src/store/calls/erasure-log.js';
import { aCall } from '../support/a-transaction.js';
import { aMerge, rowsOf } from '../support/call-rows.js';
import { runCommandLine, type CliRun } from '../support/run-cli.js';
import { useTestDatabase } from '../support/test-database.js';

const mongodb = useTestDatabase();

function erase(...args: string[]): Promise<CliRun> {
  const env = { MONGODB_URI: mongodb.uri, MONGODB_DATABASE: mongodb.database };
  return runCommandLine({ argv: ['erase', ...args], env });
}

function refuse(): Promise<never> {
  return Promise.reject(new Error('refused'));
}

interface Stored {
  readonly account: string;
  readonly callId: string;
  readonly from: string;
}

async function store({ account, callId, from }: Stored): Promise<void> {
  const row = aCall(`T-${callId}`, { calling_phone_number: from, duration: 60 });
  await mongodb.store.calls.mergeTransactions(aMerge(account, rowsOf(callId, [row])));
}

async function reject(account: string, raw: object): Promise<void> {
  const rejects = [{ transactionId: null, reason: 'no-call-id: a test', raw: JSON.stringify(raw) }];
  await mongodb.store.rejects.record({ account, origin: 'drain/x/0', rejects, seenAt: new Date() });
}

describe('callweave erase', () => {
  it('leaves a stub of a call, so that later rows do not bring it back', async () => {
    await store({ account: 'one', callId: 'C-1', from: '775-555-0143' });
    await store({ account: 'one', callId: 'C-2', from: '775-555-0143' });
    await reject('one', { complete_call_id: 'C-1', note: 'x' });
    await reject('one', { complete_call_id: 'C-2', note: 'x' });

    const run = await erase('--call', 'C-1', '--yes', '--json');

    expect(run.exitCode, run.stderr).toBe(0);
    expect(JSON.parse(run.stdout)).toEqual({ calls: ['one:C-1'], rejects: 1 });
    await store({ account: 'one', callId: 'C-1', from: '888-555-0100' });
    const [stub] = await mongodb.db
      .collection<{ _id: string; erasedAt?: Date; updatedAt?: Date }>('calls')
      .find({ _id: 'one:C-1' })
      .toArray();
    const { erasedAt, updatedAt, ...rest } = stub ?? {};
    expect(rest).toEqual({ _id: 'one:C-1', account: 'one', callId: 'C-1', revision: 2 });
    expect([erasedAt, updatedAt]).toEqual([expect.any(Date), expect.any(Date)]);
    expect(await mongodb.store.calls.find({ account: 'one', id: 'C-2' })).not.toBeNull();
    expect(await mongodb.store.rejects.count('one')).toBe(1);
  });

  it('leaves a call of which `call show` says when it was erased', async () => {
    await store({ account: 'five', callId: 'GONE', from: '775-555-0143' });
    await store({ account: 'six', callId: 'KEPT', from: '775-555-0143' });
    await mongodb.store.erasures.eraseCalls(['five:GONE'], new Date('2025-06-02T12:00:01Z'));

    const env = { MONGODB_URI: mongodb.uri, MONGODB_DATABASE: mongodb.database };
    for (const argv of [
      ['call', 'show', 'GONE'],
      ['call', 'show', 'GONE', '--json'],
    ]) {
      const run = await runCommandLine({ argv, env });
      expect(run).toMatchObject({ exitCode: 1, stdout: '' });
      expect(run.stderr).toContain(
        'the call GONE of the account five: it was erased after a privacy request, on 2025-06-02 12:00:01 UTC',
      );
    }
    expect((await runCommandLine({ argv: ['call', 'show', 'NONE'], env })).stderr).toContain('no call has the id NONE');
    expect(await mongodb.store.erasures.findStub({ account: 'six', callId: 'GONE' })).toBeNull();
    expect(await mongodb.store.erasures.findStub({ account: null, callId: 'KEPT' })).toBeNull();
  });

  it('erases all calls of a caller in every account, however the number is written', async () => {
    await store({ account: 'two', callId: 'A', from: '+1 (702) 555-0111' });
    await store({ account: 'three', callId: 'B', from: '7025550111' });
    await store({ account: 'three', callId: 'C', from: '702-555-0112' });
    await reject('two', { calling_phone_number: '702.555.0111' });
    await reject('two', { calling_phone_number: 17025550111 });
    await reject('two', { calling_phone_number: '702-555-0112', start_time_utc: 1714667467000 });

    const run = await erase('--caller', '1-702-555-0111', '--yes');

    expect(run.stdout).toBe('erased 2 calls, 2 rejects\n');
    expect(run.stdout + run.stderr).not.toContain('0111');
    expect(await mongodb.store.calls.find({ account: null, id: 'A' })).toBeNull();
    expect(await mongodb.store.calls.find({ account: null, id: 'B' })).toBeNull();
    expect(await mongodb.store.calls.find({ account: null, id: 'C' })).not.toBeNull();
  });

  it.each(['702-555-0122', 'sip:+17025550122@198.51.100.9', '+1 702 555 0122 ext. 9'])(
    'erases the calls of a SIP address or an extension of %s',
    async (caller) => {
      await store({ account: 'sip', callId: 'S', from: 'sip:+17025550122@203.0.113.7:5060' });
      await store({ account: 'sip', callId: 'X', from: '702-555-0122 x12' });
      await store({ account: 'sip', callId: 'O', from: 'sip:+17025550123@203.0.113.7:5060' });
      await reject('sip', { calling_phone_number: 'sip:+17025550122@203.0.113.7:5060' });
      await reject('sip', { calling_phone_number: '702\u00a0555\u20110122,,12' });
      await reject('sip', { calling_phone_number: 'tel:+1-702-555-0123;ext=12' });

      const run = await erase('--caller', caller, '--yes', '--json');

      expect(JSON.parse(run.stdout)).toEqual({ calls: ['sip:S', 'sip:X'], rejects: 2 });
      await mongodb.db.collection('calls').deleteMany({ _id: /^sip:/ as never });
      await mongodb.db.collection('rejects').deleteMany({ account: 'sip' });
    },
  );

  it('notes before it begins who erases which calls, and shows it, without the number', async () => {
    await store({ account: 'noted', callId: 'A', from: '702-555-0177' });
    await store({ account: 'noted', callId: 'B', from: '702-555-0177' });
    await reject('noted', { calling_phone_number: '702-555-0177' });
    const { erasures, erasureLog } = mongodb.store;
    const unable = { erasures, erasureLog, rejects: { remove: refuse } };
    const concerned = await findConcerned(mongodb.store, { account: 'noted', callId: 'A', fromKey: null });
    await expect(eraseConcerned(unable, concerned)).rejects.toThrow('refused');
    expect(await mongodb.store.calls.find({ account: 'noted', id: 'A' })).not.toBeNull();
    expect((await erase('--history')).stdout).toContain('noted:A (not finished: erase again)');

    expect((await erase('--caller', '702-555-0177', '--yes')).exitCode).toBe(0);

    const run = await erase('--history', '--json');
    const by = expect.stringMatching(/^.+@.+$/) as string;
    const at = expect.stringMatching(/Z$/) as string;
    const history = (JSON.parse(run.stdout) as LoggedErasure[]).filter(({ calls }) => calls.includes('noted:A'));
    // All calls of the one that broke off are erased by now, so it is finished too.
    expect(history).toEqual([
      { at, by, calls: ['noted:A', 'noted:B'], rejects: 1, finishedAt: at },
      { at, by, calls: ['noted:A'], rejects: 0, finishedAt: at },
    ]);
    const shown = await erase('--history');
    expect(shown.stdout).toContain('noted:A noted:B');
    expect(shown.stdout).not.toContain('not finished');
    expect(shown.stdout + run.stdout).not.toContain('0177');
    const [stub] = await mongodb.db.collection<{ _id: string }>('calls').find({ _id: 'noted:A' }).toArray();
    expect(JSON.stringify([stub, await mongodb.db.collection('erasures').find().toArray()])).not.toContain('0177');
  });

  it('finishes an erasure that broke off after its last call, if it is asked for again', async () => {
    await store({ account: 'broken', callId: 'BROKEN', from: '702-555-0188' });
    const { erasures, rejects, erasureLog } = mongodb.store;
    const begin = erasureLog.begin.bind(erasureLog);
    const unable = { erasures, rejects, erasureLog: { begin, finish: refuse, finishErased: refuse } };
    const concerned = await findConcerned(mongodb.store, { account: 'broken', callId: 'BROKEN', fromKey: null });
    await expect(eraseConcerned(unable, concerned)).rejects.toThrow('refused');

    const again = await erase('--call', 'BROKEN', '--yes');

    expect(again).toMatchObject({ exitCode: 1, stderr: expect.stringContaining('is finished') as string });
    expect((await erase('--history')).stdout).not.toContain('not finished');
  });

  it('counts erased calls nowhere', async () => {
    await store({ account: 'counted', callId: 'KEPT', from: '702-555-0166' });
    await store({ account: 'counted', callId: 'GONE', from: '702-555-0166' });
    await mongodb.db.collection('calls').updateMany({ account: 'counted' }, { $set: { startedAt: new Date() } });
    await mongodb.store.erasures.eraseCalls(['counted:GONE'], new Date());
    const { calls, callCounts, transcripts } = mongodb.store;

    expect(await calls.summary('counted')).toMatchObject({ calls: 1, transcripts: { pending: 1 } });
    expect((await callCounts.read('counted')).byStatus).toEqual({ pending: 1 });
    expect(await calls.findOfAnySource({ account: null, id: 'GONE' })).toBeNull();
    expect(await calls.findOfAnySource({ account: 'counted', id: 'GONE' })).toBeNull();
    expect(await mongodb.store.erasures.findCalls({ account: null, callId: 'GONE' })).toEqual([]);
    expect(await mongodb.store.crediraCalls.standings({ account: 'counted', callIds: ['GONE'] })).toEqual([]);
    expect(await transcripts.read({ account: 'counted', callId: 'GONE' })).toBeNull();
    const all = { from: new Date(0), to: new Date('2100-01-01') };
    expect(await calls.countStarted({ account: 'counted', ...all })).toBe(1);
    await mongodb.store.erasures.eraseCalls(['counted:KEPT'], new Date());
    expect(await calls.summary('counted')).toEqual({ calls: 0, newestStartedAt: null, transcripts: {} });
    expect(await calls.example('counted')).toBeNull();
  });

  it('lists what it found and erases nothing if there is no terminal to ask', async () => {
    await store({ account: 'four', callId: 'ASKED', from: '702-555-0199' });

    const run = await erase('--call', 'ASKED');

    expect(run).toMatchObject({ exitCode: 2, stdout: '' });
    expect(run.stderr).toContain('four:ASKED');
    expect(run.stderr).toContain('--yes');
    expect(await mongodb.store.calls.find({ account: 'four', id: 'ASKED' })).not.toBeNull();
  });

  it.each([
    ['neither --call nor --caller', [], 2],
    ['both --call and --caller', ['--call', 'C', '--caller', '7025550111'], 2],
    ['--history and a call', ['--history', '--call', 'C'], 2],
    ['--history and an account', ['--history', '--account', 'one'], 2],
    ['too few digits', ['--caller', '12'], 2],
    ['a call that is not stored', ['--call', 'NOBODY', '--yes'], 1],
  ])('erases nothing with %s', async (_what, args, exitCode) => {
    expect(await erase(...args)).toMatchObject({ exitCode, stdout: '' });
  });
});
