import { randomUUID } from 'node:crypto';
import { onTestFinished } from 'vitest';
import { createApiActivities } from '../../src/activities/api-activities.js';
import type { ActivityDependencies, FeedAccount, TranscriptDispatcher } from '../../src/activities/dependencies.js';
import { createStoreActivities } from '../../src/activities/store-activities.js';
import type { FakeInvoca, FakeInvocaOptions } from '../../src/sample/fake-invoca.js';
import {
  startDrain,
  startTranscripts,
  type DrainHandle,
  type TranscriptsHandle,
} from '../../src/temporal/runs/account-workflows.js';
import { runWorkers, type RunWorkersInput } from '../../src/worker/run-workers.js';
import { feedAccount } from './feed-account.js';
import { noDispatcher } from './dispatchers.js';
import { startInvoca, transcriptsOf } from './fake-invoca.js';
import { CEILING, fixedRates } from './request-rates.js';
import type { TestDatabase } from './test-database.js';
import type { TestNamespace } from './temporal-namespace.js';

export interface DrainWorld {
  readonly account: string;
  readonly invoca: FakeInvoca;
  readonly feed: FeedAccount;
  startDrain(): Promise<DrainHandle>;
  startTranscripts(): Promise<TranscriptsHandle>;
  /** Stops the worker, and starts another when `meanwhile` is done, which knows what runs from the histories only. */
  replaceWorker(meanwhile?: () => Promise<void>): Promise<void>;
}

/** Starts a fake API, a new account that reads it, and a worker; all stop when the test ends. */
export async function startDrainWorld(input: {
  servers: { temporal: TestNamespace; mongodb: TestDatabase };
  invoca: FakeInvocaOptions;
  feed?: Partial<FeedAccount>;
  now?: () => Date;
  dispatcher?: TranscriptDispatcher;
}): Promise<DrainWorld> {
  const { temporal, mongodb } = input.servers;
  const invoca = await startInvoca(input.invoca);
  const feed = feedAccount(invoca, { name: `a-${randomUUID().slice(0, 8)}`, ...input.feed });
  const { name, transcripts: policy } = feed;
  const { dispatcher = noDispatcher } = input;
  const transcripts = new Map([[name, { name, policy, source: transcriptsOf(invoca), children: 10, dispatcher }]]);
  const deps = {
    store: mongodb.store,
    rates: fixedRates,
    feeds: new Map([[name, feed]]),
    invoices: new Map(),
    transcripts,
    now: input.now ?? (() => new Date()),
  };
  let stopWorker = startWorker({ temporal, deps });
  return {
    account: feed.name,
    invoca,
    feed,
    startDrain: async () => (await startDrain(temporal.client, feed.name)).handle,
    startTranscripts: async () => (await startTranscripts(temporal.client, feed.name)).handle,
    replaceWorker: async (meanwhile) => {
      await stopWorker();
      await meanwhile?.();
      stopWorker = startWorker({ temporal, deps });
    },
  };
}

/** Runs a worker until it is stopped or the test ends; fails the test if the worker failed. Returns what stops it. */
export function startWorker({
  temporal,
  deps,
  ...build
}: Pick<RunWorkersInput, 'deployment' | 'workflowBundle'> & {
  temporal: TestNamespace;
  deps: ActivityDependencies;
}): () => Promise<void> {
  const stop = new AbortController();
  const run = runWorkers({
    ...build,
    connection: temporal.connection,
    namespace: temporal.namespace,
    storeActivities: createStoreActivities(deps),
    apiActivities: createApiActivities(deps),
    accounts: [...deps.feeds.keys(), ...deps.invoices.keys()].map((name) => ({ name, requestsPerSecond: CEILING })),
    signal: stop.signal,
  });
  const end = async (): Promise<void> => {
    stop.abort();
    await run;
  };
  onTestFinished(end);
  return end;
}
