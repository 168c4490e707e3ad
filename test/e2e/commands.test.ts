import { describe, expect, it } from 'vitest';
import { answerWith } from '../../src/sample/faults.js';
import type { Attention } from '../../src/domain/alerts/attention.js';
import type { AccountStatus } from '../../src/operations/account-status.js';
import { runningDrainId } from '../../src/temporal/runs/account-workflows.js';
import { listOwnSchedules } from '../../src/temporal/schedules/own-schedules.js';
import { applySchedules } from '../../src/temporal/schedules/schedules.js';
import { sampleAccount } from '../../src/settings/sample-account.js';
import { searchAttributesOf, WORKFLOW_TASK_QUEUE } from '../../src/workflows/ids.js';
import { startDrainWorld, type DrainWorld } from '../support/drain-world.js';
import { minimalRows, startInvoca } from '../support/fake-invoca.js';
import { callweave, invocaSettings, serverSettings } from '../support/program.js';
import { useTestNamespace } from '../support/temporal-namespace.js';
import { temporaryFolder } from '../support/temporary-folder.js';
import { useTestDatabase } from '../support/test-database.js';

const servers = { temporal: useTestNamespace(), mongodb: useTestDatabase() };
/** Namespace without a worker in this process. */
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
  it('drain --wait drains and prints the result; call show and status show what it stored', async () => {
    const world = await startDrainWorld({ servers, invoca: { rows: minimalRows(250) } });
    const run = await commandsOf(world);

    const drain = await run('drain', '--wait', '--json');
    expect(drain.exitCode, drain.stderr).toBe(0);
    expect(JSON.parse(drain.stdout)).toEqual({
      account: world.account,
      pages: 3,
      rows: 250,
      calls: 250,
      documents: 250,
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
        workers: [
          { taskQueue: 'callweave', pollers: 1, backlog: 0, backlogAgeSeconds: 0 },
          { taskQueue: `callweave-api-${world.account}`, pollers: 1, backlog: 0, backlogAgeSeconds: 0 },
        ],
      },
    ]);
    expect(accounts[0]?.freshnessSeconds).toBeLessThan(60);
    expect((await run('schedule', 'remove')).exitCode).toBe(0);
  });

  it('drain --wait fails and says what to check; status --check reports the failed drain', async () => {
    const world = await startDrainWorld({ servers, invoca: { rows: minimalRows(1) } });
    const run = await commandsOf(world);
    world.invoca.plan({ answer: answerWith({ status: 403 }) });

    const drain = await run('drain', '--wait');
    expect(drain).toMatchObject({ exitCode: 1, stdout: '' });
    expect(drain.stderr).toMatch(/error: .*403/);

    await expect
      .poll(async () => (await run('status', '--check')).stdout, { timeout: 20_000 })
      .toContain('drain-failed: the last drain failed');
    const status = await run('status', '--check', '--json');
    expect(status.exitCode).toBe(3);
    const { attention } = JSON.parse(status.stdout) as { attention: Attention[] };
    expect(attention.map(({ account, code }) => `${String(account)} ${code}`)).toEqual([
      `${world.account} drain-failed`,
      `${world.account} schedule-missing`,
      `${world.account} schedule-missing`,
    ]);
  });

  it('drain does not wait for a run that makes no progress, and says what to do', async () => {
    const world = await startDrainWorld({ servers, invoca: {} });
    const { account } = world;
    const { client } = servers.temporal;
    // Without input the workflow's code throws at each attempt, as the code of another build may.
    const stuck = await client.workflow.start('drain', {
      workflowId: `drain/${account}`,
      taskQueue: WORKFLOW_TASK_QUEUE,
      workflowTaskTimeout: '1 second',
      typedSearchAttributes: searchAttributesOf({ account, mode: 'live' }),
    });
    await expect.poll(() => runningDrainId(client, account)).toBe(stuck.workflowId);
    const run = await commandsOf(world);

    for (const args of [['drain', '--wait'], ['drain']]) {
      const ended = await run(...args);
      expect(ended).toMatchObject({ exitCode: 1, stdout: '' });
      expect(ended.stderr).toMatch(
        new RegExp(`error: drain/${account} .*makes no progress.*temporal workflow terminate`),
      );
    }
    await stuck.terminate();
  });

  it('schedule apply names schedules of unknown accounts and removes them with --prune; --dry-run changes nothing', async () => {
    const { client, namespace } = otherNamespace;
    const invoca = await startInvoca();
    const cwd = await temporaryFolder();
    const env = {
      ...serverSettings({ namespace, database: servers.mongodb.database }),
      ...invocaSettings(invoca, 'new-name'),
      INVOCA_TRANSCRIPTS: 'off',
    };
    const apply = (...args: string[]) => callweave(['schedule', 'apply', ...args], { cwd, env });
    const sample = sampleAccount({ baseUrl: invoca.baseUrl, token: 'none', networkId: '1' });
    const transcripts = { ...sample.transcripts, enabled: false };
    await applySchedules(client, { ...sample, name: 'old-name', reconcileDays: 0, transcripts });
    await expect.poll(() => listOwnSchedules(client), { timeout: 20_000 }).toHaveLength(1);

    const planned = await apply('--dry-run', '--prune', '--json');
    expect(JSON.parse(planned.stdout)).toEqual([
      { scheduleId: 'drain/new-name', action: 'create', changes: [expect.stringMatching(/^times: none -> /)] },
      { scheduleId: 'drain/old-name', action: 'remove', changes: [] },
    ]);
    const applied = await apply();
    expect(applied.stdout).toBe('drain/new-name: created');
    expect(applied.stderr).toMatch(/warning: .*\(old-name\): drain\/old-name\. .*--prune/);
    const pruned = await apply('--prune');
    expect(pruned.stdout).toBe('drain/new-name: updated\ndrain/old-name: removed');
    expect(pruned.stderr).not.toContain('old-name');
  });

  it('treat an unknown account as wrong usage', async () => {
    const world = await startDrainWorld({ servers, invoca: { rows: [] } });
    const run = await commandsOf(world);

    for (const args of [['drain'], ['schedule', 'apply'], ['status']]) {
      const result = await run(...args, '--account', 'nobody');
      expect(result).toMatchObject({ exitCode: 2, stdout: '' });
      expect(result.stderr).toContain(world.account);
    }
  });

  it('worker drains in a separate process, and exits with 0 on SIGTERM', async () => {
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
