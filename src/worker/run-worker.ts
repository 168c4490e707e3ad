/** The composition root: settings in, a running worker out. */
import { Runtime } from '@temporalio/worker';
import { createApiActivities } from '../activities/api-activities.js';
import type {
  ActivityDependencies,
  FeedAccount,
  InvoiceAccount,
  RequestRates,
  TranscriptAccount,
} from '../activities/dependencies.js';
import { countedFeed, countedInvoices, countedTranscripts, measuredActivities } from './measured.js';
import { createMetrics, type Metrics } from './metrics.js';
import { createStoreActivities } from '../activities/store-activities.js';
import { createRequestRates, withRatesWatched } from './request-rates.js';
import type { Account } from '../settings/accounts.js';
import { createCrediraClient } from '../sources/credira/client.js';
import { createCrediraTranscripts } from '../sources/credira/transcript-client.js';
import { createInvocaClient } from '../sources/invoca/client.js';
import { createInvocaTranscripts } from '../sources/invoca/transcript-client.js';
import type { TranscriptSource } from '../sources/transcripts/transcript-source.js';
import type { Store } from '../store/store.js';
import { connectWorker, describeTarget, type TemporalAddress } from '../temporal/server/connect.js';
import type { HealthServer } from './health.js';
import { createQueueRates } from './queue-rate.js';
import { runWorkers } from './run-workers.js';

export interface RunWorkerInput {
  readonly accounts: readonly Account[];
  readonly store: Store;
  /** Looks for transcripts in flight, for each account. */
  readonly transcriptChildren: number;
  readonly temporalAddress: TemporalAddress;
  /** Is told which workers to watch; where health is served it is served already. */
  readonly health?: HealthServer | null;
  /** Aborting it shuts the worker down gracefully. */
  readonly signal: AbortSignal;
  readonly onRunning?: () => void;
}

/** Runs the worker until the signal aborts. The store is the caller's to close, after this has returned. */
export async function runWorker(input: RunWorkerInput): Promise<void> {
  const connection = await connectWorker(input.temporalAddress);
  const { namespace } = describeTarget(input.temporalAddress);
  const { logger, metricMeter } = Runtime.instance();
  const metrics = createMetrics(metricMeter);
  const rates = createRequestRates(input.accounts, createQueueRates({ connection, namespace, logger }));
  const deps = dependenciesOf({ ...input, rates, metrics });
  try {
    await withRatesWatched({ ...input, rates, metrics, logger }, () =>
      runWorkers({
        connection,
        namespace,
        storeActivities: createStoreActivities(deps),
        apiActivities: measuredActivities(createApiActivities(deps), metrics),
        accounts: input.accounts,
        signal: input.signal,
        onRunning: (workers) => {
          input.health?.watch(workers);
          input.onRunning?.();
        },
      }),
    );
  } finally {
    await connection.close();
  }
}

function dependenciesOf({
  accounts,
  store,
  transcriptChildren,
  rates,
  metrics,
}: RunWorkerInput & { readonly rates: RequestRates; readonly metrics: Metrics }): ActivityDependencies {
  const transcripts = accounts.map((account) => transcriptsOf(account, transcriptChildren));
  return {
    store,
    rates,
    feeds: new Map(accounts.flatMap(feedOf).map((feed) => [feed.name, countedFeed(feed, metrics)])),
    invoices: new Map(accounts.flatMap(invoicesOf).map((account) => [account.name, countedInvoices(account, metrics)])),
    transcripts: new Map(transcripts.map((account) => [account.name, countedTranscripts(account, metrics)])),
    now: () => new Date(),
  };
}

function feedOf(account: Account): FeedAccount[] {
  if (account.source !== 'invoca') return [];
  const { name, pageLimit, timeZone, startAfter, startDate, transcripts } = account;
  return [{ name, pageLimit, timeZone, startAfter, startDate, transcripts, client: createInvocaClient(account) }];
}

function invoicesOf(account: Account): InvoiceAccount[] {
  if (account.source !== 'credira') return [];
  const { name, pollIntervalMs, transcripts } = account;
  return [{ name, pollIntervalMs, transcripts, client: createCrediraClient(account) }];
}

function transcriptsOf(account: Account, children: number): TranscriptAccount {
  const { name, transcripts: policy } = account;
  return { name, policy, children, source: transcriptSourceOf(account) };
}

function transcriptSourceOf(account: Account): TranscriptSource {
  switch (account.source) {
    case 'invoca':
      return createInvocaTranscripts(account);
    case 'credira':
      return createCrediraTranscripts(account);
  }
}
