import { once } from 'node:events';
import type { Client } from '@temporalio/client';
import { attentionReader } from '../operations/alerts/attention-reader.js';
import { lastPoll } from '../operations/run-facts.js';
import { withStoreToWrite } from '../operations/with-store.js';
import { removeDevInstance, writeDevInstance } from '../settings/dev-instance.js';
import type { AlertSettings } from '../settings/alerts.js';
import { sampleAccounts } from '../settings/sample-account.js';
import type { Account } from '../settings/settings.js';
import type { AnyStoredCall } from '../store/calls/call-document.js';
import type { CallSummary } from '../store/calls/calls.js';
import type { Store } from '../store/store.js';
import { describeTarget, withClient } from '../temporal/server/connect.js';
import { failureMessage } from '../temporal/runs/run-state.js';
import { PendingRequests } from '../temporal/runs/pending-requests.js';
import { scheduleWarnings } from '../temporal/schedules/schedule-warnings.js';
import { applyAlertSchedule } from '../temporal/schedules/alert-schedule.js';
import { applySchedules } from '../temporal/schedules/schedules.js';
import { requireSearchAttributes } from '../temporal/server/search-attributes.js';
import { serveHealth } from '../worker/health.js';
import { runWorker } from '../worker/run-worker.js';
import { webhookWarnings } from '../worker/webhooks/with-webhooks.js';
import type { DrainResult } from '../workflows/feed/drain-progress.js';
import type { InvoicesResult } from '../workflows/invoices/invoices-progress.js';
import { servedCrediraAccount, servedInvocaAccount } from '../sample/sample-account.js';
import { unlessUnanswered } from './answer-watch.js';
import { fetchDueTranscripts } from './fetch-due-transcripts.js';
import { showProgress } from './progress.js';
import { readToTheEnd } from './read-to-the-end.js';
import { showSourceNews } from './source-news.js';
import { endSample, withSampleFeed, type SampleFeedServer } from './sample-feed.js';
import { withDevServers, type DevServers } from './servers.js';

export interface RunDevInput {
  readonly dataDir: string;
  readonly database: string;
  /** The accounts to read; the sample is served if there are none. */
  readonly accounts: readonly Account[];
  readonly given: { readonly temporal: boolean; readonly mongodbUri: string | null };
  /** Number of transcript workflows that run at once per account. */
  readonly transcriptChildren: number;
  /** `host:port` to serve health at, or null for none. */
  readonly healthAddress: string | null;
  /** `host:port` to take webhooks at, or null for none. */
  readonly webhookAddress: string | null;
  /** Receiver of alerts; null for none. */
  readonly alerts: AlertSettings | null;
  /** Drain everything there is now, fetch the transcripts due now, then end. */
  readonly once: boolean;
  /** The time without an answer from a source after which a run with `once` fails. */
  readonly answerLimitMs: number;
  /** Ends everything cleanly when it aborts. */
  readonly signal: AbortSignal;
  /** Prints a line for the user. */
  readonly say: (line: string) => void;
  /** Shows the latest progress, which replaces the one before. */
  readonly showProgress: (line: string) => void;
}

export interface DevResult {
  readonly drains: readonly DrainResult[];
  /** Results of the accounts that are read by invoice. */
  readonly invoices: readonly InvoicesResult[];
  /** Number of stored calls, and of calls per transcript status, by account. */
  readonly stored: Readonly<Record<string, CallSummary>>;
  /** One call worth a look per account. */
  readonly examples: readonly AnyStoredCall[];
}

interface Running extends RunDevInput {
  readonly servers: DevServers;
  readonly store: Store;
  /** The served sample; null if accounts are set. */
  readonly sample: SampleFeedServer | null;
}

/**
 * Runs everything on this machine: Temporal, MongoDB, the worker, the schedules and, if no account is set, the sample.
 * Returns when `once` has drained everything or the signal has aborted, and has then stopped everything it started.
 * @throws the failure of a server, of a drain with `once`, or of a source that does not answer
 */
export async function runDev(input: RunDevInput): Promise<DevResult> {
  return withDevServers(input, async (servers, crash) => {
    const signal = AbortSignal.any([input.signal, crash]);
    const run = (accounts: readonly Account[], sample: SampleFeedServer | null): Promise<DevResult> =>
      withStoreToWrite({ uri: servers.mongodbUri, database: input.database }, async (store) => {
        await store.ensureIndexes();
        return announced({ ...input, servers, sample }, () =>
          runAccounts({ ...input, accounts, signal, servers, store, sample }),
        );
      });
    return input.accounts.length > 0
      ? run(input.accounts, null)
      : withSampleFeed(input, (sample) => run(sampleAccounts(sample), sample));
  });
}

/** Prints the addresses, and lets other commands find the servers while `use` runs. */
async function announced<T>(
  input: RunDevInput & { servers: DevServers; sample: SampleFeedServer | null },
  use: () => Promise<T>,
): Promise<T> {
  const { dataDir, servers, sample, say } = input;
  say(`Temporal Web UI  ${servers.webUrl ?? '(that of your Temporal server, if it has one)'}`);
  say(`MongoDB          ${servers.mongodbUri}  database ${input.database}`);
  if (sample !== null) {
    say('THIS IS SAMPLE DATA: no account is set, so an invented company’s calls are served on this machine.');
    say('For your own calls set INVOCA_BASE_URL, INVOCA_ID and INVOCA_TOKEN (see .env.example).');
  }
  writeDevInstance({
    dataDir,
    instance: {
      pid: process.pid,
      temporalAddress: describeTarget(servers.temporalAddress).address,
      mongodbUri: servers.mongodbUri,
      mongodbDatabase: input.database,
      webUrl: servers.webUrl,
      sample,
    },
  });
  try {
    return await use();
  } finally {
    removeDevInstance({ dataDir });
  }
}

/** Runs the worker, health checks and progress line, until the work is done or the signal aborts. */
async function runAccounts(running: Running): Promise<DevResult> {
  const { accounts, store, servers, signal, healthAddress: address } = running;
  const done = new AbortController();
  const until = AbortSignal.any([signal, done.signal]);
  const requests = new PendingRequests();
  return withClient(servers.temporalAddress, async (client) => {
    await prepare(running, client);
    const health = address === null ? null : await serveHealth({ address, ping: () => store.ping() });
    const readAttention = attentionReader({ accounts, store });
    const worker = runWorker({ ...running, ...servers, readAttention, health, signal: until });
    const shown = showProgress({
      store,
      accounts: accounts.map(({ name }) => name),
      show: running.showProgress,
      signal: until,
    });
    const checked = running.sample === null ? showSourceNews({ ...running, signal: until }) : null;
    try {
      const drained = requests.of(client.workflow, () => drainAll(running, client));
      const result = await Promise.race([drained, worker.then(() => nothingDone)]);
      await checked;
      return result;
    } finally {
      requests.giveUp();
      done.abort();
      await Promise.all([worker, shown, checked]).finally(() => health?.close());
    }
  });
}

const nothingDone: DevResult = { drains: [], invoices: [], stored: {}, examples: [] };

async function prepare(running: Running, client: Client): Promise<void> {
  const advice = await requireSearchAttributes(client, describeTarget(running.servers.temporalAddress).address);
  if (advice !== null) running.say(advice);
  for (const warning of [...scheduleWarnings(running.accounts), ...webhookWarnings(running)]) running.say(warning);
  for (const account of running.accounts) {
    for (const { scheduleId, reason } of await applySchedules(client, account)) {
      if (reason !== undefined) running.say(`Temporal refuses the schedule ${scheduleId}: ${reason}`);
    }
  }
  await applyAlertSchedule(client, { isWanted: running.alerts !== null });
  for (const { name: sample } of [servedInvocaAccount, servedCrediraAccount]) {
    if (!running.accounts.some(({ name }) => name === sample)) await endSample(client, sample);
  }
  await trackSampleInvoices(running);
}

/** Tracks the sample's invoices at the first start only, because tracking them again would make all of them due. */
async function trackSampleInvoices({ accounts, store, sample }: Running): Promise<void> {
  const account = accounts.find(({ name }) => name === servedCrediraAccount.name);
  if (sample === null || account === undefined) return;
  const { tracked } = await store.invoices.summary(account.name);
  const { invoiceIds } = sample.credira;
  if (tracked > 0) return;
  await store.invoices.track({ account: account.name, invoiceIds, now: () => new Date() });
}

/** Reads every account. With `once` it then fetches the transcripts, else the schedules run until the signal aborts. */
async function drainAll(running: Running, client: Client): Promise<DevResult> {
  const { accounts, say, signal } = running;
  const reads = await Promise.allSettled(accounts.map((account) => readNow(running, client, account)));
  const failures = reads.filter((read) => read.status === 'rejected').map(({ reason }) => failureMessage(reason));
  if (!running.once) {
    await aborted(signal);
    return nothingDone;
  }
  if (failures.length > 0) throw new Error(failures.join('\n'));
  await Promise.all(accounts.map(({ name }) => fetchDueTranscripts({ client, account: name, say, signal })));
  const results = reads.filter((read) => read.status === 'fulfilled').map(({ value }) => value);
  const drains = results.filter((result) => 'pages' in result);
  const invoices = results.filter((result) => 'invoices' in result);
  return { drains, invoices, ...(await summarise(running)) };
}

/** Reads an account. With `once` it fails if the source is silent too long; else it reports a failure and continues. */
async function readNow(running: Running, client: Client, account: Account): Promise<DrainResult | InvoicesResult> {
  const { store, once, answerLimitMs: limitMs, signal, say } = running;
  const read = readToTheEnd(client, account, signal);
  if (once) {
    const trouble = async (): Promise<string | null> => (await lastPoll(client, account))?.trouble ?? null;
    return unlessUnanswered({ store, account: account.name, limitMs, trouble }, read);
  }
  read.catch((error: unknown) => {
    if (!signal.aborted) say(`Drain failed: ${failureMessage(error)}`);
  });
  return read;
}

async function summarise(running: Running): Promise<Pick<DevResult, 'stored' | 'examples'>> {
  const { store } = running;
  const accounts = running.accounts.map(({ name }) => name);
  const stored = await Promise.all(
    accounts.map(async (account) => [account, await store.calls.summary(account)] as const),
  );
  const examples = await Promise.all(accounts.map((account) => store.calls.example(account)));
  return { stored: Object.fromEntries(stored), examples: examples.filter((example) => example !== null) };
}

async function aborted(signal: AbortSignal): Promise<void> {
  if (!signal.aborted) await once(signal, 'abort');
}
