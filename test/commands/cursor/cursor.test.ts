import { randomUUID } from 'node:crypto';
import { hostname, userInfo } from 'node:os';
import { describe, expect, it } from 'vitest';
import type { PassedPlace, ShownCursor } from '../../../src/operations/cursor/show-cursor.js';
import { runningDrainId } from '../../../src/temporal/runs/account-workflows.js';
import { liveStream } from '../../../src/workflows/ids.js';
import { startDrainWorld, type DrainWorld } from '../../support/drain-world.js';
import { minimalRows } from '../../support/fake-invoca.js';
import { invocaSettings, serverSettings } from '../../support/program.js';
import { runCommandLine, type CliRun } from '../../support/run-cli.js';
import { useTestNamespace } from '../../support/temporal-namespace.js';
import { useTestDatabase } from '../../support/test-database.js';

const servers = { temporal: useTestNamespace(), mongodb: useTestDatabase() };

/** 250 calls, one a minute from 18:00 UTC on, in pages of 100. */
const rows = minimalRows(250);

type Cursor = (...args: string[]) => Promise<CliRun>;

function cursorOf(world: DrainWorld, env: Record<string, string> = {}): Cursor {
  const settings = {
    ...serverSettings({ namespace: servers.temporal.namespace, database: servers.mongodb.database }),
    ...invocaSettings(world.invoca, world.account),
    ...env,
  };
  // The SDK reads the address of Temporal from the environment of the process.
  Object.assign(process.env, { TEMPORAL_ADDRESS: settings['TEMPORAL_ADDRESS'] });
  Object.assign(process.env, { TEMPORAL_NAMESPACE: settings['TEMPORAL_NAMESPACE'] });
  return (...args) => runCommandLine({ argv: ['cursor', ...args], env: settings });
}

async function drained(): Promise<{ world: DrainWorld; cursor: Cursor }> {
  const world = await startDrainWorld({ servers, invoca: { rows } });
  await (await world.startDrain()).result();
  // The server lists running workflows with a short delay.
  await expect.poll(() => runningDrainId(servers.temporal.client, world.account), { timeout: 20_000 }).toBeNull();
  return { world, cursor: cursorOf(world) };
}

function checkpointOf({ account }: DrainWorld) {
  return servers.mongodb.store.checkpoints.read(liveStream(account));
}

/** The cursors that requests have asked for since the first drain. */
async function drainAgain(world: DrainWorld): Promise<unknown[]> {
  const before = world.invoca.requests.length;
  await (await world.startDrain()).result();
  return world.invoca.requests.slice(before).map(({ query }) => query['start_after_transaction_id']);
}

describe('callweave cursor', () => {
  it('shows how far the live drain has read', async () => {
    const { world, cursor } = await drained();

    const run = await cursor('show', '--json');

    expect(run.exitCode, run.stderr).toBe(0);
    const shown = JSON.parse(run.stdout) as ShownCursor;
    expect(shown).toMatchObject({
      account: world.account,
      stream: `drain/${world.account}`,
      cursor: '9750-0000',
      seq: 3,
      totals: { pages: 3, rows: 250 },
      gaps: [],
      changes: 0,
    });
    expect((await cursor('show')).stdout).toContain('9750-0000');
  });

  it('rewinds to the end of a page; reading the rows after it again changes nothing', async () => {
    const { world, cursor } = await drained();

    const run = await cursor('rewind', '--to', '9800-0000', '--reason', 'to be sure', '--json');

    expect(run.exitCode, run.stderr).toBe(0);
    expect(JSON.parse(run.stdout)).toMatchObject({
      account: world.account,
      from: '9750-0000',
      to: '9800-0000',
      gap: null,
      again: { pages: 1, rows: 50 },
      moved: true,
    });
    expect(await drainAgain(world)).toEqual(['9800-0000', '9750-0000']);
    expect(await checkpointOf(world)).toMatchObject({ cursor: '9750-0000', seq: 5, gaps: [] });
    const call = await servers.mongodb.store.calls.find({ account: world.account, id: 'CALL-249' });
    expect(call?.revision).toBe(1);
  });

  it('lists the places it has passed and the moves by hand, newest first', async () => {
    const { world, cursor } = await drained();
    const historyOf = async (...args: string[]): Promise<PassedPlace[]> =>
      JSON.parse((await cursor('history', '--json', ...args)).stdout) as PassedPlace[];
    const passed = [
      { cursor: '9750-0000', rows: 50, moved: null },
      { cursor: '9800-0000', rows: 100, moved: null },
      { cursor: '9900-0000', rows: 100, moved: null },
    ];
    expect(await historyOf()).toMatchObject(passed);

    const [, place] = await historyOf();
    await cursor('rewind', '--to', place?.cursor ?? '', '--reason', 'to be sure\x1b');
    await drainAgain(world);

    const by = `${userInfo().username}@${hostname()}`;
    const moved = { cursor: '9800-0000', rows: 0, moved: { by, reason: 'to be sure\x1b', from: '9750-0000' } };
    const all = [{ cursor: '9750-0000', rows: 50, moved: null }, moved, ...passed];
    const places = await historyOf();
    expect(places).toHaveLength(all.length);
    expect(places).toMatchObject(all);
    expect(await historyOf('--limit', '2')).toEqual(places.slice(0, 2));
    const times = places.map(({ at }) => new Date(at).getTime());
    expect(times).toEqual(times.toSorted((one, other) => other - one));
    expect((await cursor('history')).stdout).toContain(
      `9800-0000        from 9750-0000 by ${by}: to be sure\\u{1b}\n${String(places[2]?.at)}`,
    );
  });

  it('lists moves of an earlier version, which did not record the user', async () => {
    const { world, cursor } = await drained();
    const old = { at: new Date('2025-01-01'), from: 'T-1', to: null, reason: 'of old' };
    const checkpoints = servers.mongodb.db.collection<{ _id: string }>('checkpoints');
    await checkpoints.updateOne({ _id: liveStream(world.account) }, { $set: { history: [old] } });
    expect((await cursor('history')).stdout).toMatch(
      /T00:00:00.000Z  the start of the feed        from T-1 by an unknown person: of old\n$/,
    );
  });

  it.each(['0', '-1', '1.5', 'x', '', '100001'])('refuses a limit of %j', async (limit) => {
    const run = await runCommandLine({ argv: ['cursor', 'history', `--limit=${limit}`] });

    expect(run).toMatchObject({ exitCode: 2, stdout: '' });
    expect(run.stderr).toContain('It must be a number from 1 to 100000.');
  });

  it('rewinds to a row in the middle of a page', async () => {
    const { world, cursor } = await drained();

    const run = await cursor('rewind', '--to', '9870-0000', '--json');

    expect(JSON.parse(run.stdout), run.stderr).toMatchObject({ to: '9870-0000', again: { pages: 2, rows: 150 } });
    expect(await drainAgain(world)).toEqual(['9870-0000', '9770-0000', '9750-0000']);
  });

  it.each([
    ['an instant', '2025-06-02T20:00:00Z', {}, '9900-0000'],
    ['an instant of another offset', '2025-06-02 13:00:00-07:00', {}, '9900-0000'],
    ['a day of the account', '2025-06-02', { INVOCA_TIME_ZONE: 'America/Los_Angeles' }, null],
  ])('rewinds to the page before %s', async (_what, time, env, to) => {
    const { world } = await drained();

    const run = await cursorOf(world, env)('rewind', '--to', time, '--json');

    expect(JSON.parse(run.stdout), run.stderr).toMatchObject({ to });
  });

  it.each([
    ['a day without a zone', '2025-06-02', 2, 'INVOCA_TIME_ZONE'],
    ['a time after all calls', '2025-06-03T00:00:00Z', 1, 'nothing to read again'],
    ['an impossible instant', '2025-06-31T10:00:00Z', 2, 'is no time'],
    ['an id that was never read', 'FFFF-FFFF', 1, 'not known to have passed'],
    ['the id of a call', 'CALL-7', 1, 'id of a call'],
    ['its current place', '9750-0000', 1, 'already'],
  ])('does not rewind to %s', async (_what, to, exitCode, words) => {
    const { world, cursor } = await drained();

    const run = await cursor('rewind', '--to', to);

    expect(run).toMatchObject({ exitCode, stdout: '' });
    expect(run.stderr).toContain(words);
    expect(await checkpointOf(world)).toMatchObject({ seq: 3, history: [] });
  });

  it('is set forward, which leaves a visible gap', async () => {
    const { world, cursor } = await drained();
    const caughtUpAt = (await checkpointOf(world))?.caughtUpAt;

    const run = await cursor('set', 'AAAA-0001');

    expect(run.exitCode, run.stderr).toBe(0);
    expect(run.stderr).toMatch(/backfill/);
    expect(run.stderr).toMatch(/no transaction AAAA-0001 is stored/);
    const checkpoint = await checkpointOf(world);
    expect(checkpoint).toMatchObject({ cursor: 'AAAA-0001', seq: 4, gaps: [{ from: caughtUpAt }] });
    expect((await cursor('show')).stdout).toContain('gap');
  });

  it('is set to a cursor it had before without a gap', async () => {
    const { world, cursor } = await drained();
    await cursor('rewind', '--to', '9900-0000');

    const run = await cursor('set', '9750-0000', '--json');

    expect(JSON.parse(run.stdout), run.stderr).toMatchObject({ from: '9900-0000', to: '9750-0000', gap: null });
    expect(await checkpointOf(world)).toMatchObject({ seq: 5, cursor: '9750-0000', gaps: [] });
  });

  it('only shows with --dry-run what it would do', async () => {
    const { world, cursor } = await drained();

    const run = await cursor('rewind', '--to', '9900-0000', '--dry-run');

    expect(run.stdout).toContain('9750-0000 -> 9900-0000');
    expect(run.stdout).toContain('2 pages, 150 rows would be read again');
    expect(await checkpointOf(world)).toMatchObject({ seq: 3, cursor: '9750-0000', history: [] });
  });

  it('is not moved while a drain of the account runs', async () => {
    const { world, cursor } = await drained();
    const stop = new AbortController();
    world.invoca.plan({
      answer: ({ response, regularAnswer }) => {
        const { status, headers, body } = regularAnswer();
        stop.signal.addEventListener('abort', () => response.writeHead(status, headers).end(body));
      },
    });
    const handle = await world.startDrain();
    await expect.poll(() => world.invoca.requests.length, { timeout: 20_000 }).toBe(5);

    await expect
      .poll(async () => (await cursor('rewind', '--to', '9900-0000', '--dry-run')).stderr, { timeout: 20_000 })
      .toContain(`a drain of ${world.account} runs`);

    stop.abort();
    expect(await handle.result()).toMatchObject({ ended: 'caught-up' });
  });

  it('names what to do if nothing was drained yet', async () => {
    const world = await startDrainWorld({ servers, invoca: { rows } });

    expect(await cursorOf(world)('show')).toMatchObject({ exitCode: 0, stdout: 'never drained yet\n' });
    expect((await cursorOf(world)('history', '--json')).stdout).toBe('[]\n');
    expect((await cursorOf(world)('history')).stdout).toBe('the live drain has passed no place yet\n');
    const run = await cursorOf(world)('set', randomUUID());
    expect(run.exitCode).toBe(1);
    expect(run.stderr).toContain('INVOCA_START_AFTER');
  });
});
