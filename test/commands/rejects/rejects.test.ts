import { describe, expect, it } from 'vitest';
import type { RejectSummary } from '../../../src/store/feed/rejects.js';
import { runCommandLine, type CliRun } from '../../support/run-cli.js';
import { useTestDatabase } from '../../support/test-database.js';

const mongodb = useTestDatabase();

const seenAt = new Date('2025-06-02T18:00:00Z');
const readable = { transaction_id: 'T-1', complete_call_id: 'CALL-1', transaction_type: 'Call', duration: 61 };
const nameless = { complete_call_id: 'CALL-2', duration: 7 };

interface Scene {
  readonly account: string;
  readonly rejects: (...args: string[]) => Promise<CliRun>;
}

/** Creates an account with rows that were rejected earlier, perhaps by other rules. */
async function aScene(account: string, rows: readonly string[], env: Record<string, string> = {}): Promise<Scene> {
  await mongodb.store.rejects.record({
    account,
    origin: `drain/${account}/3`,
    rejects: rows.map((raw) => ({ transactionId: null, reason: 'no-call-id: a rule of old', raw })),
    seenAt,
  });
  const settings = {
    MONGODB_URI: mongodb.uri,
    MONGODB_DATABASE: mongodb.database,
    INVOCA_BASE_URL: 'https://mynetwork.invoca.net',
    INVOCA_ID: '1',
    INVOCA_TOKEN: 'secret',
    INVOCA_ACCOUNT: account,
    ...env,
  };
  return { account, rejects: (...args) => runCommandLine({ argv: ['rejects', ...args], env: settings }) };
}

async function idsOf({ account }: Scene): Promise<string[]> {
  return (await mongodb.store.rejects.list(account)).map(({ id }) => id);
}

describe('callweave rejects', () => {
  it('lists rejects without their rows', async () => {
    const scene = await aScene('listed', [JSON.stringify(nameless)]);

    const run = await scene.rejects('list', '--account', 'listed', '--json');

    const [reject] = JSON.parse(run.stdout) as RejectSummary[];
    expect(reject).toEqual({
      id: (await idsOf(scene))[0],
      account: 'listed',
      reason: 'no-call-id: a rule of old',
      transactionId: null,
      callId: null,
      page: 'drain/listed/3',
      seenAt: seenAt.toISOString(),
    });
    expect((await scene.rejects('list')).stdout).toContain('no-call-id');
  });

  it('lists none, and treats an unknown account as wrong usage', async () => {
    const scene = await aScene('clean', []);

    expect((await scene.rejects('list', '--account', 'clean')).stdout).toBe('no rejects\n');
    expect((await scene.rejects('list', '--account', 'nobody')).exitCode).toBe(2);
  });

  it('shows a reject as it was sent, by the beginning of its id', async () => {
    const scene = await aScene('shown', [JSON.stringify(nameless)]);
    const [id = ''] = await idsOf(scene);

    const run = await scene.rejects('show', id.slice(0, 12));

    expect(run.stdout).toContain(id);
    expect(run.stdout).toContain(JSON.stringify(nameless));
    expect(JSON.parse((await scene.rejects('show', id, '--json')).stdout)).toMatchObject({
      id,
      raw: JSON.stringify(nameless),
    });
  });

  it.each(['nothing', 'ffffffffffff'])('reports that there is no reject %s', async (id) => {
    const scene = await aScene('missing', []);

    const run = await scene.rejects('show', id);

    expect(run.exitCode).toBe(1);
    expect(run.stderr).toContain(`no reject ${id}`);
  });

  it('replays rows that can be read now, with the time they were first seen, and keeps the rest', async () => {
    const scene = await aScene('replayed', [JSON.stringify(readable), JSON.stringify(nameless), '{"cut":"he']);

    const run = await scene.rejects('replay', '--json');

    expect(run.exitCode, run.stderr).toBe(3);
    expect(JSON.parse(run.stdout)).toEqual({ account: 'replayed', stored: 1, kept: 2, calls: 1, documents: 1 });
    const call = await mongodb.store.calls.find({ account: 'replayed', id: 'CALL-1' });
    expect(call).toMatchObject({ durationSeconds: 61, transactions: [{ transactionId: 'T-1', firstSeenAt: seenAt }] });
    expect(await idsOf(scene)).toHaveLength(2);
  });

  it('replays only the rejects given, repeatedly to the same effect', async () => {
    const other = { ...readable, transaction_id: 'T-9', complete_call_id: 'CALL-9' };
    const scene = await aScene('named', [JSON.stringify(readable), JSON.stringify(other)]);
    const ids = await idsOf(scene);
    const [first = '', second = ''] = ids;

    expect((await scene.rejects('replay', first)).exitCode).toBe(0);
    expect(await idsOf(scene)).toEqual([second]);
    await aScene('named', [JSON.stringify(readable), JSON.stringify(other)]);
    const again = await scene.rejects('replay', ...ids, '--json');

    expect(JSON.parse(again.stdout)).toEqual({ account: 'named', stored: 2, kept: 0, calls: 1, documents: 1 });
    expect(await idsOf(scene)).toEqual([]);
  });

  it('reads a row that is not valid JSON, unless it is cut off', async () => {
    const text = '{"transaction_id":"T-1","complete_call_id":"CALL-1","duration":NaN';
    const scene = await aScene('odd', [`${text}}`, `${text},"notes":"abc`]);

    const run = await scene.rejects('replay', '--json');

    expect(JSON.parse(run.stdout)).toEqual({ account: 'odd', stored: 1, kept: 1, calls: 1, documents: 1 });
    expect(await mongodb.store.calls.find({ account: 'odd', id: 'CALL-1' })).toMatchObject({ durationSeconds: null });
  });

  it('names the command that reads calls again for an account without rows', async () => {
    const scene = await aScene('rows', [], { CREDIRA_API_KEY: 'k' });

    expect(await scene.rejects('replay', '--account', 'credira')).toMatchObject({
      exitCode: 2,
      stderr: 'error: credira has no rows to replay: `callweave invoices sync` reads its calls again\n',
    });
  });

  it('stores no excluded column', async () => {
    const row = { ...readable, calling_phone_number: '775-555-0143' };
    const scene = await aScene('excluded', [JSON.stringify(row)], { INVOCA_EXCLUDE_COLUMNS: 'calling_phone_number' });

    await scene.rejects('replay');

    expect(await mongodb.store.calls.find({ account: 'excluded', id: 'CALL-1' })).toMatchObject({ from: null });
  });

  it('keeps a row that does not fit into its call', async () => {
    const notes = 'y'.repeat(900_000);
    const rows = Array.from({ length: 12 }, (_unused, index) => ({ ...readable, transaction_id: `H-${index}`, notes }));
    const scene = await aScene(
      'huge',
      rows.map((row) => JSON.stringify(row)),
    );

    const run = await scene.rejects('replay', '--json');

    const { stored, kept } = JSON.parse(run.stdout) as { stored: number; kept: number };
    expect(kept).toBeGreaterThan(0);
    expect(stored + kept).toBe(12);
    expect(await idsOf(scene)).toHaveLength(kept);
    expect((await mongodb.store.calls.find({ account: 'huge', id: 'CALL-1' }))?.transactions).toHaveLength(stored);
  });
});
