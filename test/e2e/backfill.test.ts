import { describe, expect, it } from 'vitest';
import type { DryRun } from '../../src/operations/dry-run.js';
import type { AccountStatus } from '../../src/operations/account-status.js';
import { answerWith } from '../../src/sample/faults.js';
import type { Backfill } from '../../src/temporal/runs/backfills.js';
import { startDrainWorld, type DrainWorld } from '../support/drain-world.js';
import { minimalRows } from '../support/fake-invoca.js';
import { callweave, invocaSettings, serverSettings, type Program } from '../support/program.js';
import { useTestNamespace } from '../support/temporal-namespace.js';
import { temporaryFolder } from '../support/temporary-folder.js';
import { useTestDatabase } from '../support/test-database.js';

const servers = { temporal: useTestNamespace(), mongodb: useTestDatabase() };

const PACIFIC = 'America/Los_Angeles';
/** Three days; all minimal rows are of the second. */
const DAYS = ['--from', '2025-06-01', '--to', '2025-06-03'];

type Run = (...args: string[]) => Program;

async function startWorld(rows: number): Promise<{ world: DrainWorld; run: Run }> {
  const world = await startDrainWorld({
    servers,
    invoca: { rows: minimalRows(rows), timeZone: PACIFIC },
    feed: { timeZone: PACIFIC },
  });
  const cwd = await temporaryFolder();
  const env = {
    ...serverSettings({ namespace: servers.temporal.namespace, database: servers.mongodb.database }),
    ...invocaSettings(world.invoca, world.account),
    INVOCA_TIME_ZONE: PACIFIC,
  };
  return { world, run: (...args) => callweave(args, { cwd, env }) };
}

describe('backfill', { timeout: 120_000 }, () => {
  it('estimates the work with --dry-run, reads the days, and then has nothing left to read', async () => {
    const { world, run } = await startWorld(250);

    const before = await run('backfill', ...DAYS, '--dry-run', '--json');
    expect(before.exitCode, before.stderr).toBe(0);
    expect(JSON.parse(before.stdout)).toMatchObject({
      windows: { total: 3, complete: 0, toRead: 3 },
      days: { total: 3, complete: 0, toRead: 3 },
      probes: [{ rows: 0 }, { rows: 100 }, { rows: 0 }],
      sureness: 'rough',
    });
    expect(world.invoca.requests).toHaveLength(3);
    expect(await servers.mongodb.db.collection('calls').countDocuments({ account: world.account })).toBe(0);

    const backfill = await run('backfill', ...DAYS, '--wait', '--json');
    expect(backfill.exitCode, backfill.stderr).toBe(0);
    expect(JSON.parse(backfill.stdout)).toMatchObject({
      account: world.account,
      from: '2025-06-01',
      to: '2025-06-03',
      windows: 3,
      pages: 3,
      rows: 250,
      calls: 250,
      documents: 250,
      rejects: 0,
      cursor: null,
      state: 'completed',
    });

    const after = await run('backfill', ...DAYS, '--dry-run');
    expect(after.stdout).toMatch(/windows +0 to read of 3; 3 complete already\n/);
    expect(after.stdout).toContain('nothing is left to read');
    const all = await run('backfill', ...DAYS, '--dry-run', '--reprocess', 'all', '--window', '3d', '--json');
    const { windows, days } = JSON.parse(all.stdout) as DryRun;
    expect({ windows, days }).toEqual({
      windows: { total: 1, complete: 0, toRead: 1 },
      days: { total: 3, complete: 3, toRead: 3 },
    });
  });

  it('can be attached to, shown and steered while it runs', async () => {
    const { world, run } = await startWorld(1);
    world.invoca.plan({ answer: answerWith({ status: 429, headers: { 'retry-after': '600' } }) });
    const workflowId = `backfill/${world.account}/2025-06-01..2025-06-03`;

    const started = await run('backfill', ...DAYS, '--parallel', '1', '--newest-first');
    expect(started).toMatchObject({ exitCode: 0, stdout: workflowId });
    const attached = await run('backfill', ...DAYS, '--json');
    expect(JSON.parse(attached.stdout)).toMatchObject({ workflowId, attached: true, options: { parallel: 1 } });
    expect(attached.stderr).toMatch(/runs with: 2025-06-01\.\.2025-06-03, .*1 at once, newest first/);
    expect(attached.stderr).not.toContain('warning: ');
    const differing = await run('backfill', ...DAYS, '--parallel', '2');
    expect(differing.stderr).toMatch(/runs with: .*1 at once, newest first.*\nwarning: /);

    await expect
      .poll(async () => (await run('backfill', 'show', workflowId)).stdout, { timeout: 30_000 })
      .toContain('429');
    const listed = await run('backfill', 'list', '--account', world.account, '--json');
    expect(JSON.parse(listed.stdout) as Backfill[]).toMatchObject([
      { workflowId, state: 'running', progress: { calls: 0, documents: 0 } },
    ]);

    for (const [steer, answer] of [
      [['pause'], { state: 'paused', parallel: 1 }],
      [['set-parallel', '3'], { state: 'paused', parallel: 3 }],
      [['resume'], { state: 'running', parallel: 3 }],
      [['cancel'], { state: 'cancelling', parallel: 3 }],
    ] as const) {
      const [name, ...more] = steer;
      const steered = await run('backfill', name, '2025-06-01..2025-06-03', ...more, '--json');
      expect(steered.exitCode, steered.stderr).toBe(0);
      expect(JSON.parse(steered.stdout)).toEqual({ workflowId, ...answer });
    }
    await expect.poll(async () => (await run('backfill', 'list')).stdout, { timeout: 30_000 }).toMatch(/cancelled/);
    const late = await run('backfill', 'pause', workflowId);
    expect(late).toMatchObject({ exitCode: 1, stdout: '' });
  });

  it('appears in status --watch as it changes', async () => {
    const { world, run } = await startWorld(1);
    world.invoca.plan({ answer: answerWith({ status: 429, headers: { 'retry-after': '600' } }) });
    const { stdout: workflowId } = await run('backfill', ...DAYS);
    const watching = run('status', '--watch');
    let shown = '';
    watching.stdout.on('data', (chunk: Buffer) => (shown += chunk.toString()));
    await expect.poll(() => shown, { timeout: 30_000 }).toContain(`${workflowId} running`);

    await run('backfill', 'pause', workflowId);

    await expect.poll(() => shown, { timeout: 30_000 }).toContain(`${workflowId} is paused`);
    await expect.poll(() => shown, { timeout: 30_000 }).toMatch(/ paused: \d of 3 windows done/);
    const status = JSON.parse((await run('status', '--json')).stdout) as { accounts: AccountStatus[] };
    expect(status.accounts).toMatchObject([{ backfills: [{ workflowId, state: 'paused' }] }]);
    watching.kill('SIGINT');
    expect(await watching).toMatchObject({ exitCode: 0 });
    await run('backfill', 'cancel', workflowId);
  });

  it('refuses wrong arguments', async () => {
    const { run } = await startWorld(0);
    const usage = [
      ['backfill'],
      ['backfill', '--from', '2025-06-03', '--to', '2025-06-01'],
      ['backfill', ...DAYS, '--window', '0d'],
      ['backfill', ...DAYS, '--parallel', '1000'],
      ['backfill', '--from', '2010-01-01', '--to', '2020-01-01'],
      ['backfill', 'pause', '2025-06-01'],
      ['backfill', 'set-parallel', '2025-06-01..2025-06-03', 'many'],
    ];
    for (const args of usage) {
      const refused = await run(...args);
      expect(refused, args.join(' ')).toMatchObject({ exitCode: 2, stdout: '' });
    }
    expect(await run('backfill', 'show', '2025-06-01..2025-06-03')).toMatchObject({ exitCode: 1, stdout: '' });
  });
});

describe('export', { timeout: 120_000 }, () => {
  it('writes each call once, as a JSON document per line or as a CSV record', async () => {
    const { world, run } = await startWorld(250);
    await (await world.startDrain()).result();

    const ndjson = await run('export', '--format', 'ndjson');
    const calls = ndjson.stdout.split('\n').map((line) => JSON.parse(line) as { callId: string; startedAt: string });
    expect(new Set(calls.map(({ callId }) => callId)).size).toBe(250);
    expect(calls).toHaveLength(250);
    expect(ndjson.stderr).toContain('250 calls');

    const csv = await run('export', '--format', 'csv', '--changed-since', '2025-01-01T00:00:00Z');
    expect(csv.stdout.split('\n')).toHaveLength(251);
    expect((await run('export', ...DAYS)).stdout.split('\n')).toHaveLength(250);
    const earlier = await run('export', '--from', '2025-05-01', '--to', '2025-06-01', '--json');
    expect(earlier).toMatchObject({ exitCode: 0, stdout: '' });
  });

  it('refuses wrong arguments', async () => {
    const { run } = await startWorld(0);
    for (const args of [
      ['--format', 'xml'],
      ['--format', 'csv', '--json'],
      ['--from', '2025-06-01'],
      ['--changed-since', 'yesterday'],
    ]) {
      expect(await run('export', ...args), args.join(' ')).toMatchObject({ exitCode: 2, stdout: '' });
    }
  });
});
