/** Builds a running worker from the settings (the composition root). */
import { Client } from '@temporalio/client';
import { noopMetricMeter } from '@temporalio/common';
import { Runtime, type Logger } from '@temporalio/worker';
import { createApiActivities } from '../activities/api-activities.js';
import type { ActivityDependencies, FeedAccount, InvoiceAccount, RequestRates } from '../activities/dependencies.js';
import {
  countedFeed,
  countedInvoices,
  countedTranscripts,
  measuredActivities,
  measuredStoreActivities,
} from './measured.js';
import { createMetrics, type Metrics } from './metrics.js';
import { withCallsCounted } from './call-counts.js';
import { makeFirstCounts } from './first-counts.js';
import { createStoreActivities } from '../activities/store-activities.js';
import { createRequestRates, withRatesWatched } from './request-rates.js';
import type { Account } from '../settings/accounts.js';
import { alertingOf, type WorkerAlerts } from './alerting.js';
import type { WorkerBuild } from '../settings/deployment.js';
import { createCrediraClient } from '../sources/credira/client.js';
import { createCrediraTranscripts } from '../sources/credira/transcript-client.js';
import { createInvocaClient } from '../sources/invoca/client.js';
import { createInvocaTranscripts } from '../sources/invoca/transcript-client.js';
import type { TranscriptSource } from '../sources/transcripts/transcript-source.js';
import type { Store } from '../store/store.js';
import { runningBackfills } from '../temporal/runs/backfills.js';
import { createTranscriptDispatcher } from '../temporal/runs/transcript-dispatcher.js';
import { connectWorker, describeTarget, type TemporalAddress } from '../temporal/server/connect.js';
import { setCurrentCommand } from '../temporal/server/builds.js';
import { isBuildCurrent } from '../temporal/server/task-queues.js';
import type { HealthServer } from './health.js';
import { createQueueRates } from './queue-rate.js';
import { runWorkers, type WorkerRole } from './run-workers.js';
import { withStoredCounts } from './stored-counts.js';
import { withWebhooks } from './webhooks/with-webhooks.js';

export interface RunWorkerInput extends WorkerAlerts {
  /** Left out: `all`. */
  readonly role?: WorkerRole;
  /** Accounts of the settings: workflows and webhooks may be about any of them. */
  readonly accounts: readonly Account[];
  /** The accounts whose API queues this process serves, unless its role is `workflows`. Left out: all. */
  readonly served?: readonly Account[];
  readonly store: Store;
  /** Looks for transcripts in flight, for each account. */
  readonly transcriptChildren: number;
  readonly temporalAddress: TemporalAddress;
  /** The build of this process under Worker Versioning. Null or left out: without it. */
  readonly deployment?: WorkerBuild | null;
  /** `host:port` to take webhooks at, or null for none. */
  readonly webhookAddress: string | null;
  /** A server that already serves health and is given the workers to watch; null if none is served. */
  readonly health?: HealthServer | null;
  /** Aborting it shuts the worker down gracefully. */
  readonly signal: AbortSignal;
  readonly onRunning?: () => void;
}

/** Runs the worker until the signal aborts. The caller closes the store after this returns. */
export async function runWorker(input: RunWorkerInput): Promise<void> {
  const connection = await connectWorker(input.temporalAddress);
  const { namespace } = describeTarget(input.temporalAddress);
  const { logger, metricMeter } = Runtime.instance();
  const metrics = createMetrics(metricMeter);
  const rates = createRequestRates(input.accounts, createQueueRates({ connection, namespace, logger }));
  const client = new Client({ connection, namespace });
  const alerting = alertingOf({ ...input, client });
  const deps: ActivityDependencies = { ...dependenciesOf({ ...input, rates, metrics, client }), alerting };
  const { role = 'all', served = input.accounts, deployment = null } = input;
  // Without an exporter nobody would see the gauges.
  const shown = metricMeter === noopMetricMeter ? [] : input.accounts;
  const listBackfills = (stop: AbortSignal) => client.withAbortSignal(stop, () => runningBackfills(client));
  makeFirstCounts(metrics, input.accounts);
  try {
    await withRatesWatched({ ...input, rates, metrics, logger, startedAt: new Date() }, () =>
      withWebhooks({ ...input, client, metrics, logger }, (signal) =>
        withCallsCounted({ ...input, logger, signal }, () =>
          withStoredCounts({ ...input, accounts: shown, listBackfills, metrics, logger, signal }, () =>
            runWorkers({
              role,
              connection,
              namespace,
              deployment,
              storeActivities: measuredStoreActivities(createStoreActivities(deps), metrics),
              apiActivities: measuredActivities(createApiActivities(deps), metrics),
              accounts: served,
              signal,
              onRunning: (workers) => {
                input.health?.watch(workers);
                input.onRunning?.();
                if (deployment !== null) void warnUnlessCurrent({ client, deployment, logger });
              },
            }),
          ),
        ),
      ),
    );
  } finally {
    await connection.close();
  }
}

/** Warns once that nothing new runs on the build of this process, and says how to change that. */
async function warnUnlessCurrent(of: { client: Client; deployment: WorkerBuild; logger: Logger }): Promise<void> {
  const { client, deployment, logger } = of;
  if ((await isBuildCurrent(client, deployment)) !== false) return;
  logger.warn('this build is not current: nothing new runs on it until it is', {
    ...deployment,
    advice: setCurrentCommand(deployment),
  });
}

function dependenciesOf({
  accounts,
  store,
  transcriptChildren,
  rates,
  metrics,
  client,
}: RunWorkerInput & {
  readonly rates: RequestRates;
  readonly metrics: Metrics;
  readonly client: Client;
}): ActivityDependencies {
  const clients = accounts.map(clientsOf);
  const feeds = clients.flatMap(({ feed }) => feed ?? []);
  const invoices = clients.flatMap(({ invoices: account }) => account ?? []);
  const transcripts = accounts.map((account) => ({
    name: account.name,
    policy: account.transcripts,
    source: transcriptSourceOf(account),
    children: transcriptChildren,
    dispatcher: createTranscriptDispatcher({ client, account }),
  }));
  return {
    store,
    rates,
    feeds: new Map(feeds.map((account) => [account.name, countedFeed(account, metrics)])),
    invoices: new Map(invoices.map((account) => [account.name, countedInvoices(account, metrics)])),
    transcripts: new Map(transcripts.map((account) => [account.name, countedTranscripts(account, metrics)])),
    now: () => new Date(),
  };
}

/** The account with a client of its API: for a feed or for invoices. */
interface Clients {
  readonly feed: FeedAccount | null;
  readonly invoices: InvoiceAccount | null;
}

function clientsOf(account: Account): Clients {
  switch (account.source) {
    case 'invoca':
      return { feed: { ...account, client: createInvocaClient(account) }, invoices: null };
    case 'credira':
      return { feed: null, invoices: { ...account, client: createCrediraClient(account) } };
  }
}

function transcriptSourceOf(account: Account): TranscriptSource {
  switch (account.source) {
    case 'invoca':
      return createInvocaTranscripts(account);
    case 'credira':
      return createCrediraTranscripts(account);
  }
}
