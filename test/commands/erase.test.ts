import { describe, expect, it } from 'vitest';
import { aCall } from '../support/a-transaction.js';
import { aMerge, rowsOf } from '../support/call-rows.js';
import { runCommandLine, type CliRun } from '../support/run-cli.js';
import { useTestDatabase } from '../support/test-database.js';

const mongodb = useTestDatabase();

function erase(...args: string[]): Promise<CliRun> {
  const env = { MONGODB_URI: mongodb.uri, MONGODB_DATABASE: mongodb.database };
  return runCommandLine({ argv: ['erase', ...args], env });
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
    const [stub] = await mongodb.db.collection<{ _id: string }>('calls').find({ _id: 'one:C-1' }).toArray();
    expect(stub).toEqual({ _id: 'one:C-1', erasedAt: expect.any(Date) as Date, revision: 2 });
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
    ['too few digits', ['--caller', '12'], 2],
    ['a call that is not stored', ['--call', 'NOBODY', '--yes'], 1],
  ])('erases nothing with %s', async (_what, args, exitCode) => {
    expect(await erase(...args)).toMatchObject({ exitCode, stdout: '' });
  });
});
