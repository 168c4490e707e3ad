import { describe, expect, it } from 'vitest';
import { answerWith } from '../../src/sample/faults.js';
import type { AccountStatus } from '../../src/operations/account-status.js';
import { startDrainWorld, type DrainWorld } from '../support/drain-world.js';
import { minimalRows, startInvoca } from '../support/fake-invoca.js';
import { callweave, invocaSettings, serverSettings } from '../support/program.js';
import { useTestNamespace } from '../support/temporal-namespace.js';
import { temporaryFolder } from '../support/temporary-folder.js';
import { useTestDatabase } from '../support/test-database.js';

const servers = { temporal: useTestNamespace(), mongodb: useTestDatabase() };
/** Without a worker of the test's own. */
const otherNamespace = useTestNamespace();

async function commandsOf(world: DrainWorld) {
  const cwd = await temporaryFolder();
  const env = {
    ...serverSettings({ namespace: servers.temporal.namespace, database: servers.mongodb.database }),
    ...invocaSettings(world.invoca, world.account),
  };
  return (...args: string[]) => callweave(args, { cwd, env });
}

describe('the commands', { timeout: 60_000 }, () => {
  it('drain --wait drains and ends with the result; call show and status show what came of it', async () => {
    const world = await startDrainWorld({ servers, invoca: { rows: minimalRows(250) } });
    const run = await commandsOf(world);

    const drain = await run('drain', '--wait', '--json');
    expect(drain.exitCode, drain.stderr).toBe(0);
    expect(JSON.parse(drain.stdout)).toEqual({
      account: world.account,
      pages: 3,
      rows: 250,
      calls: 250,
      rejects: 0,
      cursor: '9750-0000',
      ended: 'caught-up',
    });
    expect(drain.stderr).toContain(`/namespaces/${servers.temporal.namespace}/workflows/drain%2F${world.account}`);

    const shown = await run('call', 'show', '9750-0000', '--json');
    expect(JSON.parse(shown.stdout)).toMatchObject({ call: { callId: 'CALL-249', durationSeconds: 60 } });

    const applied = await run('schedule', 'apply');
    expect(applied.stdout).toBe(`drain/${world.account}: created\ntranscripts/${world.account}: created`);

    const status = await run('status', '--check', '--json');
    expect(status.exitCode, status.stdout).toBe(0);
    const { accounts } = JSON.parse(status.stdout) as { accounts: AccountStatus[] };
    expect(accounts).toMatchObject([
      {
        account: world.account,
        source: 'invoca',
        cursor: '9750-0000',
        calls: 250,
        rejects: 0,
        rate: { current: 1_000, ceiling: 1_000 },
        lastDrain: { state: 'completed' },
        schedules: [
          { scheduleId: `drain/${world.account}`, state: 'active' },
          { scheduleId: `transcripts/${world.account}`, state: 'active' },
        ],
      },
    ]);
    expect(accounts[0]?.freshnessSeconds).toBeLessThan(60);
  });

  it('drain --wait fails with what to check, and status --check says that it needs a person', async () => {
    const world = await startDrainWorld({ servers, invoca: { rows: minimalRows(1) } });
    const run = await commandsOf(world);
    world.invoca.plan({ answer: answerWith({ status: 403 }) });

    const drain = await run('drain', '--wait');
    expect(drain).toMatchObject({ exitCode: 1, stdout: '' });
    expect(drain.stderr).toMatch(/error: .*403/);

    await expect
      .poll(async () => (await run('status', '--check')).stdout, { timeout: 20_000 })
      .toContain('the last drain failed');
    expect((await run('status', '--check')).exitCode).toBe(3);
  });

  it('know an unknown account for wrong usage', async () => {
    const world = await startDrainWorld({ servers, invoca: { rows: [] } });
    const run = await commandsOf(world);

    for (const args of [['drain'], ['schedule', 'apply'], ['status']]) {
      const result = await run(...args, '--account', 'nobody');
      expect(result).toMatchObject({ exitCode: 2, stdout: '' });
      expect(result.stderr).toContain(world.account);
    }
  });

  it('worker drains in a process of its own, and ends well on SIGTERM', async () => {
    const invoca = await startInvoca({ rows: minimalRows(5) });
    const cwd = await temporaryFolder();
    const env = {
      ...serverSettings({ namespace: otherNamespace.namespace, database: servers.mongodb.database }),
      ...invocaSettings(invoca, 'alone'),
    };
    const worker = callweave(['worker'], { cwd, env });

    const drain = await callweave(['drain', '--wait', '--json'], { cwd, env });
    worker.kill('SIGTERM');

    expect(JSON.parse(drain.stdout), drain.stderr).toMatchObject({ account: 'alone', rows: 5 });
    const ended = await worker;
    expect(ended.exitCode, ended.stderr).toBe(0);
    expect(ended.stderr).toContain('worker has stopped');
    expect(ended.stderr).not.toContain(invoca.token);
  });
});
