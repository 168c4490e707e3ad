import { describe, expect, it } from 'vitest';
import { aCall } from '../support/a-transaction.js';
import { aMerge, rowsOf } from '../support/call-rows.js';
import { startDrainWorld, type DrainWorld } from '../support/drain-world.js';
import { minimalRows } from '../support/fake-invoca.js';
import { callweave, invocaSettings, serverSettings } from '../support/program.js';
import { useTestNamespace } from '../support/temporal-namespace.js';
import { temporaryFolder } from '../support/temporary-folder.js';
import { useTestDatabase } from '../support/test-database.js';

const servers = { temporal: useTestNamespace(), mongodb: useTestDatabase() };

async function commandOf(world: DrainWorld, more: Record<string, string> = {}) {
  const cwd = await temporaryFolder();
  const env = {
    ...serverSettings({ namespace: servers.temporal.namespace, database: servers.mongodb.database }),
    ...invocaSettings(world.invoca, world.account),
    ...more,
  };
  return (...args: string[]) => callweave(['call', 'refresh', ...args], { cwd, env });
}

describe('callweave call refresh', { timeout: 60_000 }, () => {
  it('shows the call as it is now, and names what has changed', async () => {
    const world = await startDrainWorld({ servers, invoca: { rows: minimalRows(3) } });
    const refresh = await commandOf(world);
    await (await world.startDrain()).result();
    const calls = servers.mongodb.db.collection<{ _id: string }>('calls');
    await calls.updateOne({ _id: `${world.account}:CALL-1` }, { $set: { durationSeconds: 1 } });

    const changed = await refresh('9998-0000');
    expect(changed.exitCode, changed.stderr).toBe(0);
    expect(changed.stdout).toContain(`Call CALL-1 (account ${world.account})`);
    expect(changed.stdout).toContain('Duration  1m');
    expect(changed.stdout).toMatch(/\n\nRead again from the source \(account a-.*\): changed durationSeconds$/);
    expect(changed.stderr).toContain(`Started: refresh/${world.account}/CALL-1`);

    const again = await refresh('CALL-1', '--json');
    expect(JSON.parse(again.stdout), again.stderr).toMatchObject({
      call: { callId: 'CALL-1', durationSeconds: 60, revision: 2 },
      story: [{ transactionId: '9998-0000' }],
      changed: false,
      changedFields: [],
    });
  });

  it('stores a call that was not stored, by its id or by the id of a transaction', async () => {
    const world = await startDrainWorld({ servers, invoca: { rows: minimalRows(3) } });
    const refresh = await commandOf(world);

    const byTransaction = await refresh('9997-0000');
    const byCall = await refresh('CALL-1', '--json');

    expect(byTransaction.stdout, byTransaction.stderr).toMatch(/^Call CALL-2 [^]*: stored for the first time$/);
    expect(JSON.parse(byCall.stdout), byCall.stderr).toMatchObject({ call: { callId: 'CALL-1' }, changed: true });
    expect((await servers.mongodb.store.calls.summary(world.account)).calls).toBe(2);
  });

  it('reports that the source does not know the id, and leaves a stored call unchanged', async () => {
    const world = await startDrainWorld({ servers, invoca: { rows: minimalRows(1) } });
    const refresh = await commandOf(world);
    const rows = rowsOf('OLD', [aCall('T-OLD', { duration: 60 })]);
    await servers.mongodb.store.calls.mergeTransactions(aMerge(world.account, rows));

    const nobody = await refresh('NOBODY');
    expect(nobody).toMatchObject({ exitCode: 1, stdout: '' });
    expect(nobody.stderr).toContain('has the id NOBODY, nor a transaction with this id');
    expect((await refresh('OLD')).stderr).toContain('the source no longer has the call OLD');
  });

  it('keeps an erased call erased, and does not ask the source for it', async () => {
    const world = await startDrainWorld({ servers, invoca: { rows: minimalRows(2) } });
    const refresh = await commandOf(world);
    await (await world.startDrain()).result();
    await servers.mongodb.store.erasures.eraseCalls([`${world.account}:CALL-0`], new Date());
    const requests = world.invoca.requests.length;

    const erased = await refresh('CALL-0');
    expect(erased).toMatchObject({ exitCode: 1, stdout: '' });
    expect(erased.stderr).toContain('was erased after a privacy request');
    expect(world.invoca.requests).toHaveLength(requests);
    expect((await refresh('9999-0000')).stderr).toContain('was erased after a privacy request');
    expect(await servers.mongodb.store.calls.find({ account: world.account, id: 'CALL-0' })).toBeNull();
  });

  it('refuses wrong arguments', async () => {
    const world = await startDrainWorld({ servers, invoca: { rows: [] } });
    const refresh = await commandOf(world, { CREDIRA_API_KEY: 'key', CREDIRA_BASE_URL: 'http://127.0.0.1:1' });

    for (const args of [['x'.repeat(65)], ['CALL-0', '--account', 'nobody'], ['CALL-0']]) {
      expect(await refresh(...args)).toMatchObject({ exitCode: 2, stdout: '' });
    }
    expect(world.invoca.requests).toEqual([]);
  });
});
