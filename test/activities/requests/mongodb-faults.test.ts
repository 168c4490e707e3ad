import { randomUUID } from 'node:crypto';
import { MockActivityEnvironment } from '@temporalio/testing';
import { DefaultLogger } from '@temporalio/worker';
import { describe, expect, it, onTestFinished } from 'vitest';
import { drainPage, type DrainPageResult } from '../../../src/activities/feed/drain-page.js';
import type { FeedAccount } from '../../../src/activities/dependencies.js';
import { openStore, type Store } from '../../../src/store/store.js';
import { StoreError } from '../../../src/store/errors.js';
import { minimalRows, startInvoca } from '../../support/fake-invoca.js';
import {
  startFaultyMongo,
  type FaultyMongo,
  type MongoCommand,
  type MongoFault,
} from '../../support/faulty-mongodb.js';
import { feedAccount } from '../../support/feed-account.js';
import { fixedRates } from '../../support/request-rates.js';
import { useTestDatabase } from '../../support/test-database.js';

const mongodb = useTestDatabase();
const QUIET = new DefaultLogger('ERROR');

function refusal(code: number, codeName: string): MongoFault {
  return { ok: 0, code, codeName, errmsg: codeName };
}

const FAULTS: readonly (readonly [what: string, fault: MongoFault])[] = [
  ['is not the primary', refusal(10107, 'NotWritablePrimary')],
  ['steps down', refusal(189, 'PrimarySteppedDown')],
  ['is shutting down', refusal(11600, 'InterruptedAtShutdown')],
  ['has a write conflict', refusal(112, 'WriteConflict')],
  ['takes too long', refusal(50, 'MaxTimeMSExpired')],
  ['allows no writes', refusal(13, 'Unauthorized')],
  ['closes the connection', 'cut'],
  ['closes the connection instead of answering', 'answer-lost'],
];

/** Answer to a write that is not on a majority, and may be rolled back. */
const NOT_ON_A_MAJORITY: MongoFault = {
  ok: 1,
  n: 0,
  nModified: 0,
  writeConcernError: { code: 64, codeName: 'WriteConcernFailed', errmsg: 'waiting for replication timed out' },
};

const WRITES = [
  { name: 'insert', collection: 'calls' },
  { name: 'update', collection: 'pages' },
  { name: 'update', collection: 'checkpoints' },
] as const;

const ROWS = 5;

interface Scene {
  readonly feed: FeedAccount;
  readonly stream: string;
  readonly faulty: FaultyMongo;
  /** Store whose connection goes through `faulty`. */
  readonly store: Store;
}

async function aScene(): Promise<Scene> {
  const invoca = await startInvoca({ rows: minimalRows(ROWS) });
  const feed = feedAccount(invoca, { name: `a-${randomUUID().slice(0, 8)}` });
  const stream = `drain/${feed.name}`;
  await mongodb.store.checkpoints.open({ stream, account: feed.name, cursor: null, pageLimit: 100 });
  const faulty = await startFaultyMongo(mongodb.uri);
  const store = await openStore({ uri: faulty.uri, database: mongodb.database });
  onTestFinished(() => store.close());
  return { feed, stream, faulty, store };
}

async function attemptPage({ feed, stream, store }: Scene, attempt: number): Promise<DrainPageResult> {
  const workflowExecution = { workflowId: stream, runId: 'run-1' };
  const environment = new MockActivityEnvironment({ activityId: '1', attempt, workflowExecution }, { logger: QUIET });
  const feeds = new Map([[feed.name, feed]]);
  const deps = { store, rates: fixedRates, feeds, invoices: new Map(), transcripts: new Map(), now: () => new Date() };
  const input = { account: feed.name, stream, seq: 0, drainId: 'drain-1', beganAt: '2025-06-02', precedingWaits: 0 };
  const result: unknown = await environment.run(() => drainPage(deps, { ...input, window: null, transcripts: 'all' }));
  return result as DrainPageResult;
}

/** Repeats the activity while its failures are retryable, as Temporal does. Returns the failures. */
async function drainOnePage(scene: Scene): Promise<{ result: DrainPageResult; failures: StoreError[] }> {
  const failures: StoreError[] = [];
  for (let attempt = 1; ; attempt += 1) {
    try {
      return { result: await attemptPage(scene, attempt), failures };
    } catch (error) {
      if (!(error instanceof StoreError) || !error.retryable) throw error;
      failures.push(error);
    }
  }
}

function isCommand(wanted: Pick<MongoCommand, 'name' | 'collection'>): (command: MongoCommand) => boolean {
  return ({ name, collection }) => name === wanted.name && collection === wanted.collection;
}

async function expectPageStored({ feed, stream }: Scene): Promise<void> {
  expect(await mongodb.store.checkpoints.read(stream)).toMatchObject({ seq: 1, totals: { pages: 1, rows: ROWS } });
  const { calls } = await mongodb.store.calls.summary(feed.name);
  expect(calls).toBe(ROWS);
  const revisions = await mongodb.db.collection('calls').distinct('revision', { account: feed.name });
  expect(revisions, 'no call was written twice').toEqual([1]);
}

describe.each(WRITES)('drainPage, when MongoDB must $name $collection', (command) => {
  it.each(FAULTS)('and %s, repeats the page until it is stored once', async (_what, fault) => {
    const scene = await aScene();
    // A write that was carried out the first time is not sent again.
    scene.faulty.plan(isCommand(command), fault === 'answer-lost' ? [fault] : [fault, fault, fault]);

    const { result } = await drainOnePage(scene);

    expect(scene.faulty.left()).toBe(0);
    expect(result).toMatchObject({ outcome: 'page', rows: ROWS });
    await expectPageStored(scene);
  });
});

describe('drainPage, when no majority acknowledges the documents', () => {
  it.each(WRITES.slice(0, 2))('does not move the checkpoint ($name $collection)', async (command) => {
    const scene = await aScene();
    scene.faulty.plan(isCommand(command), [NOT_ON_A_MAJORITY, NOT_ON_A_MAJORITY]);

    for (const attempt of [1, 2]) {
      await expect(attemptPage(scene, attempt)).rejects.toMatchObject({ name: 'StoreError', retryable: true });
    }

    expect(scene.faulty.passed.filter(isCommand({ name: 'update', collection: 'checkpoints' }))).toEqual([]);
    expect(await mongodb.store.checkpoints.read(scene.stream)).toMatchObject({ seq: 0, cursor: null });
    expect((await drainOnePage(scene)).result).toMatchObject({ outcome: 'page', rows: ROWS });
    await expectPageStored(scene);
  });
});
