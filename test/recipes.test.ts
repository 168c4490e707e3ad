import { EventEmitter, once } from 'node:events';
import { readFile, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { Big } from 'big.js';
import { DuckDBInstance } from '@duckdb/node-api';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { Transaction } from '../src/domain/invoca/transaction.js';
import type { CallDocument } from '../src/store/calls/call-document.js';
import { aCall, aCorrection, aPostCallEvent } from './support/a-transaction.js';
import { aMerge, rowsOf } from './support/call-rows.js';
import { needReplicaSet } from './support/needs.js';
import { recipe, untilSaid, type Program } from './support/program.js';
import { runCommandLine } from './support/run-cli.js';
import { temporaryFolder } from './support/temporary-folder.js';
import { useTestDatabase } from './support/test-database.js';

const mongodb = useTestDatabase();

function settingsOf(account: string): Record<string, string> {
  return {
    MONGODB_URI: mongodb.uri,
    MONGODB_DATABASE: mongodb.database,
    INVOCA_BASE_URL: 'https://example.invoca.net',
    INVOCA_ID: '1',
    INVOCA_TOKEN: 'no-token',
    INVOCA_ACCOUNT: account,
    INVOCA_TIME_ZONE: 'America/Los_Angeles',
  };
}

async function merge(account: string, transactions: Readonly<Record<string, readonly Transaction[]>>): Promise<void> {
  const rows = Object.entries(transactions).flatMap(([callId, ofCall]) => rowsOf(callId, ofCall));
  await mongodb.store.calls.mergeTransactions({ ...aMerge(account, rows), now: () => new Date() });
}

async function mergeCalls(account: string, callIds: readonly string[]): Promise<void> {
  await merge(
    account,
    Object.fromEntries(callIds.map((callId) => [callId, [aCall(`T-${callId}`, { revenue: '1.5' })]])),
  );
}

/** Returns the calls that are stored and not erased, by `_id`. */
async function storedCalls(account: string): Promise<CallDocument[]> {
  const kept = { account, erasedAt: { $exists: false } };
  return mongodb.db.collection<CallDocument>('calls').find(kept).sort({ _id: 1 }).toArray();
}

interface Service {
  readonly url: string;
  /** The calls that the service keeps, by `_id`. */
  readonly kept: ReadonlyMap<string, unknown>;
  /** Ids of all requests, in their order. */
  readonly asked: readonly string[];
  /** Emits "unanswered" for the request that gets no answer, and the id of each call that was kept or removed. */
  readonly events: EventEmitter;
}

/** Starts a service that keeps the calls it is sent. It does nothing about the request with the number `unanswered`. */
async function aService({ unanswered }: { unanswered: number }): Promise<Service> {
  const kept = new Map<string, unknown>();
  const asked: string[] = [];
  const events = new EventEmitter();
  const server = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk: Buffer) => (body += chunk.toString()));
    request.on('end', () => {
      const id = decodeURIComponent(request.url?.split('/').at(-1) ?? '');
      if (asked.push(id) === unanswered) {
        events.emit('unanswered');
        return;
      }
      if (request.method === 'DELETE') response.statusCode = kept.delete(id) ? 204 : 404;
      else kept.set(id, JSON.parse(body));
      response.end();
      events.emit(id);
    });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/calls`, kept, asked, events };
}

describe('docs/recipes/follow-changes.mjs', () => {
  it('misses no change if it is killed before the service has answered, and changes come while it is away', async (context) => {
    needReplicaSet(context);
    const cwd = await temporaryFolder();
    const service = await aService({ unanswered: 5 });
    const follow = (): Program =>
      recipe(['follow-changes.mjs'], { cwd, env: { ...settingsOf('followed'), TARGET_URL: service.url } });

    const first = follow();
    await untilSaid(first, 'Following the changes');
    const unanswered = once(service.events, 'unanswered');
    await mergeCalls(
      'followed',
      Array.from({ length: 12 }, (_, index) => `CALL-${index}`),
    );
    await unanswered;
    first.kill('SIGKILL');
    await first;
    const [inTheMiddle, ...others] = service.asked.toReversed();
    expect([...service.kept.keys()]).toEqual(others.toReversed());

    const [changed, ...erased] = others.slice(0, 3).map((_id) => _id.slice('followed:'.length));
    await mongodb.store.erasures.eraseCalls(
      erased.map((callId) => `followed:${callId}`),
      new Date(),
    );
    await merge('followed', { [changed ?? '']: [aPostCallEvent('E', { revenue: '2' })] });
    await mergeCalls('followed', ['AWAY']);
    await mergeCalls('followed', ['LAST']);
    const last = once(service.events, 'followed:LAST');
    const second = follow();
    await last;
    second.kill('SIGKILL');
    await second;

    expect(service.asked.filter((id) => id === inTheMiddle)).toHaveLength(2);
    const calls = await storedCalls('followed');
    expect(calls).toHaveLength(12);
    expect([...service.kept].toSorted(([a], [b]) => (a < b ? -1 : 1))).toMatchObject(
      calls.map(({ _id, callId, updatedAt }) => [
        _id,
        { callId, updatedAt: updatedAt.toJSON(), revenue: callId === changed ? '3.5' : '1.5' },
      ]),
    );
  });

  it('says how to start over if the server cannot continue after the token, and keeps the token', async (context) => {
    needReplicaSet(context);
    const cwd = await temporaryFolder();
    await writeFile(join(cwd, 'token'), '{"_data":"8200000000000000012B0229296E04"}');
    const env = { ...settingsOf('lost'), TARGET_URL: 'http://127.0.0.1:9' };
    const program = await recipe(['follow-changes.mjs', 'token'], { cwd, env });

    expect(program).toMatchObject({ exitCode: 1, stdout: '' });
    expect(program.stderr).toContain('Changes were missed. Remove token, start this again');
    expect(await readFile(join(cwd, 'token'), 'utf8')).toContain('8200');
  });
});

/** Columns of the table whose values must be those of the collection. */
const TABLE = `SELECT _id, epoch_ms(updatedAt) AS updatedAt, epoch_ms(startedAt) AS startedAt, durationSeconds, revenue,
  campaign, legs, transcriptStatus FROM calls ORDER BY _id`;

/** Runs SQL on a DuckDB database. Returns the rows with their values as text; revenue without zeros at its end. */
async function duckdb(path: string, sql: string): Promise<Record<string, string>[]> {
  const instance = await DuckDBInstance.create(path);
  const connection = await instance.connect();
  try {
    return (await connection.runAndReadAll(sql)).getRowObjectsJson().map(asText);
  } finally {
    connection.closeSync();
    instance.closeSync();
  }
}

function asText(row: Readonly<Record<string, unknown>>): Record<string, string> {
  const texts = Object.entries(row).map(([name, value]) => {
    const text = value instanceof Date ? String(value.getTime()) : String(value);
    return [name, name === 'revenue' && value !== null ? new Big(text).toFixed() : text] as const;
  });
  return Object.fromEntries(texts);
}

async function collection(account: string): Promise<Record<string, string>[]> {
  const calls = await storedCalls(account);
  return calls
    .map(({ _id, updatedAt, startedAt, durationSeconds, revenue, columns, legs, transcript }) => ({
      ...{ _id, updatedAt, startedAt, durationSeconds, revenue, legs: legs.length },
      campaign: columns['advertiser_campaign_name'] ?? null,
      transcriptStatus: transcript.status,
    }))
    .map(asText);
}

/** The same figures by callweave itself. */
async function totals(account: string): Promise<Record<string, string>[]> {
  const argv = ['totals', '--from', '2024-11-01', '--to', '2024-11-05', '--json'];
  const { stdout } = await runCommandLine({ argv, env: settingsOf(account) });
  return (JSON.parse(stdout) as { rows: Record<string, unknown>[] }).rows.map(asText);
}

function aStart(time: string, columns: Readonly<Record<string, string | number>>) {
  return { start_time_utc: Date.parse(time), advertiser_campaign_name: 'Search, "US"', ...columns };
}

describe('docs/recipes/load-duckdb.mjs', () => {
  it('makes the table equal to the collection after changes and erasures, and its totals equal to ours', async () => {
    const cwd = await temporaryFolder();
    const path = join(cwd, 'calls.duckdb');
    const load = (account = 'loaded'): Program => recipe(['load-duckdb.mjs', path], { cwd, env: settingsOf(account) });
    const sql = await readFile(new URL('../docs/recipes/totals-by-day.sql', import.meta.url), 'utf8');
    const totalsByDay = sql.replace("'invoca'", "'loaded'");
    async function expectEqual(): Promise<void> {
      expect(await duckdb(path, TABLE)).toEqual(await collection('loaded'));
      expect(await duckdb(path, totalsByDay)).toEqual(await totals('loaded'));
    }

    await merge('loaded', {
      A: [aCall('A', aStart('2024-11-03T07:00:00Z', { duration: 60, connect_duration: 40, revenue: '0.10' }))],
      B: [aCall('B', aStart('2024-11-04T07:59:59.999Z', { duration: 1_000, revenue: '-3.000000001' }))],
      C: [aCall('C', aStart('2024-11-04T08:00:00Z', { duration: 1 })), aCall('C2', { payin_conditions: 'Bundled' })],
      D: [aCall('D', { duration: 7 })],
    });
    expect(await load()).toMatchObject({ exitCode: 0 });
    expect(await duckdb(path, TABLE)).toHaveLength(4);
    await expectEqual();

    await merge('loaded', {
      A: [aCorrection('A2', { of: 'A', minute: 5, ...aStart('2024-11-05T07:00:00Z', { duration: 61 }) })],
      E: [aCall('E', aStart('2024-11-01T12:00:00Z', { revenue: '12345678901234567890.12' }))],
    });
    await mongodb.store.erasures.eraseCalls(['loaded:B'], new Date());
    expect(await load('another')).toMatchObject({ exitCode: 1 });
    expect(await duckdb(path, TABLE), 'as it was, since the export failed').toHaveLength(4);
    expect(await load()).toMatchObject({ exitCode: 0 });
    await expectEqual();

    await duckdb(path, 'DELETE FROM export_state');
    expect((await load()).stderr, 'all calls once more').toContain('4 calls, 1 erased');
    await expectEqual();
  });
});
