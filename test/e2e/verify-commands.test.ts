import { describe, expect, it } from 'vitest';
import { answerWith } from '../../src/sample/faults.js';
import { startDrainWorld, type DrainWorld } from '../support/drain-world.js';
import { minimalRows } from '../support/fake-invoca.js';
import { callweave, invocaSettings, serverSettings } from '../support/program.js';
import { useTestNamespace } from '../support/temporal-namespace.js';
import { temporaryFolder } from '../support/temporary-folder.js';
import { useTestDatabase } from '../support/test-database.js';

const servers = { temporal: useTestNamespace(), mongodb: useTestDatabase() };
const documents = () => servers.mongodb.db.collection<{ _id: string; [field: string]: unknown }>('calls');
const DAYS = ['--from', '2025-06-02', '--to', '2025-06-03'];

async function commandsOf(world: DrainWorld) {
  const cwd = await temporaryFolder();
  const env = {
    ...serverSettings({ namespace: servers.temporal.namespace, database: servers.mongodb.database }),
    ...invocaSettings(world.invoca, world.account),
    INVOCA_TIME_ZONE: 'America/Los_Angeles',
  };
  return (...args: string[]) => callweave(args, { cwd, env });
}

describe('the commands verify and remerge', { timeout: 120_000 }, () => {
  it('report what differs from the source, repair it, and then find no difference', async () => {
    const world = await startDrainWorld({
      servers,
      invoca: { rows: minimalRows(60) },
      feed: { timeZone: 'America/Los_Angeles' },
    });
    const run = await commandsOf(world);
    await (await world.startDrain()).result();
    const copied = await documents().findOne({ _id: `${world.account}:CALL-9` });
    await documents().insertOne({ ...copied, _id: `${world.account}:CALL-A`, callId: 'CALL-A' });
    await documents().deleteOne({ _id: `${world.account}:CALL-7` });
    await documents().updateOne({ _id: `${world.account}:CALL-8` }, { $set: { durationSeconds: 1 } });

    const found = await run('verify', ...DAYS, '--wait');
    expect(found, found.stderr).toMatchObject({ exitCode: 3 });
    expect(found.stdout.split('\n')).toEqual([
      `${world.account}, 2025-06-02 to 2025-06-03: 1 page, 60 rows: 1 call missing, 1 stale, 1 gone`,
      '  CALL-7  missing',
      '  CALL-8  stale durationSeconds',
      '  CALL-A  gone',
      'Run it with --repair to store the source’s version.',
      expect.stringMatching(/^Calls that are gone.*--repair leaves them alone.*call refresh/) as string,
    ]);

    const repaired = await run('verify', ...DAYS, '--repair', '--wait', '--json');
    expect(repaired, repaired.stderr).toMatchObject({ exitCode: 3 });
    expect(JSON.parse(repaired.stdout)).toMatchObject({ missing: 1, stale: 1, repaired: 2, gone: 1, rows: 60 });

    await documents().deleteOne({ _id: `${world.account}:CALL-A` });
    const again = await run('verify', ...DAYS, '--wait', '--json');
    expect(again).toMatchObject({ exitCode: 0 });
    expect(JSON.parse(again.stdout)).toMatchObject({ missing: 0, stale: 0, repaired: 0, gone: 0, details: [] });
  });

  it('recompute documents without the source', async () => {
    const world = await startDrainWorld({
      servers,
      invoca: { rows: minimalRows(60) },
      feed: { timeZone: 'America/Los_Angeles' },
    });
    const run = await commandsOf(world);
    await (await world.startDrain()).result();
    await documents().updateOne({ _id: `${world.account}:CALL-8` }, { $set: { durationSeconds: 1 } });

    const days = await run('remerge', ...DAYS, '--wait', '--json');
    expect(JSON.parse(days.stdout), days.stderr).toEqual({
      ...{ account: world.account, from: '2025-06-02', to: '2025-06-03' },
      ...{ calls: 60, changed: 1 },
    });
    const all = await run('remerge', '--wait');
    expect(all.stdout).toBe(`${world.account}: 60 calls recomputed, 0 changed`);
  });

  it('print the id of the verification, and warn if a start with other options attaches to it', async () => {
    const world = await startDrainWorld({ servers, invoca: { rows: minimalRows(3) } });
    const run = await commandsOf(world);
    world.invoca.plan({ answer: answerWith({ status: 429, headers: { 'retry-after': '600' } }) });

    const started = await run('verify', ...DAYS);
    expect(started).toMatchObject({ exitCode: 0, stdout: `verify/${world.account}/2025-06-02..2025-06-03` });
    await expect.poll(() => world.invoca.requests.length).toBe(1);
    const attached = await run('verify', ...DAYS, '--repair', '--json');

    expect(JSON.parse(attached.stdout)).toMatchObject({ attached: true });
    expect(attached.stderr).toContain('the verification that runs was started without --repair');
    await servers.temporal.client.workflow.getHandle(started.stdout).terminate('the test has seen it attach');
  });

  it('refuse impossible days, and --from without --to', async () => {
    const world = await startDrainWorld({ servers, invoca: { rows: [] } });
    const run = await commandsOf(world);

    for (const args of [
      ['verify', '--from', '2025-06-03', '--to', '2025-06-02'],
      ['verify', '--from', '2025-06-31', '--to', '2025-07-01'],
      ['verify', '--from', '2010-01-01', '--to', '2020-01-01'],
      ['remerge', '--from', '2025-06-03'],
    ]) {
      expect(await run(...args)).toMatchObject({ exitCode: 2, stdout: '' });
    }
    expect(world.invoca.requests).toEqual([]);
  });
});
