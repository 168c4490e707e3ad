import { Option } from 'commander';
import { createLog, temporalLogger, type Log } from '../process/log.js';
import type { IndexNews } from '../store/server/indexes.js';
import type { Store } from '../store/store.js';
import { describeTarget, withClient, type TemporalAddress } from '../temporal/server/connect.js';
import { serveHealth, type HealthServer } from '../worker/health.js';
import { withRuntime } from '../worker/runtime.js';
import { scheduleWarnings } from '../temporal/schedules/schedule-warnings.js';
import { ensureSearchAttributes } from '../temporal/server/search-attributes.js';
import { runWorker } from '../worker/run-worker.js';
import type { WorkerRole } from '../worker/run-workers.js';
import type { Account } from '../settings/accounts.js';
import { UsageError } from '../settings/errors.js';
import { selectAccount } from '../settings/select-account.js';
import { webhookWarnings } from '../worker/webhooks/with-webhooks.js';
import { commandSettings, type CommandContext, type Register } from './kit/context.js';
import { withExamples } from './kit/help.js';
import { EXIT, type ExitCode } from './kit/exit-codes.js';
import { withInterrupt } from './kit/interrupt.js';
import { attentionReader } from '../operations/alerts/attention-reader.js';
import { withStore } from '../operations/with-store.js';

/** Longer than an election of MongoDB, so that a worker that starts during one waits for its end. */
const CONNECT_WITHIN_MS = 25_000;

export const register: Register = (command, context) => {
  command
    .description(
      'Run the worker for all accounts of the settings until SIGTERM or Ctrl-C; pages in flight are finished first. ' +
        'Several workers share the work. The worker creates no schedules: `callweave schedule apply` does.',
    )
    .addOption(
      new Option('--role <role>', 'the task queues to serve: that of the workflows, those of the APIs, or all')
        .choices(['workflows', 'api', 'all'] satisfies WorkerRole[])
        .default('all'),
    )
    .option('--account <name...>', 'serve the APIs of these accounts only')
    .action(context.action((options: WorkerOptions) => worker(context, options)));
  withExamples(command, {
    others: ['callweave worker', 'callweave worker --role workflows', 'callweave worker --role api --account invoca'],
  });
};

interface WorkerOptions {
  readonly role: WorkerRole;
  readonly account?: readonly string[];
}

/** Returns the accounts whose APIs the worker asks. @throws UsageError for an unknown account */
function servedAccounts(accounts: readonly Account[], { role, account: names }: WorkerOptions): readonly Account[] {
  if (role === 'workflows' && names !== undefined) {
    throw new UsageError('--account chooses APIs, and --role workflows serves none: leave one of them out');
  }
  if (names === undefined) return role === 'workflows' ? [] : accounts;
  return [...new Set(names)].map((name) => selectAccount({ accounts, name }));
}

async function worker(context: CommandContext, options: WorkerOptions): Promise<ExitCode> {
  const { settings, temporalAddress } = commandSettings({
    context,
    needs: ['mongodb', 'some-account', 'worker', 'temporal', 'alerts'],
  });
  const { role } = options;
  const served = servedAccounts(settings.accounts, options);
  const log = createLog(settings);
  const runtime = { logger: temporalLogger(log), metricsAddress: settings.metricsAddress, otlp: settings.otlp };
  await withRuntime(runtime, () =>
    withInterrupt((signal) =>
      withHealth(settings.healthAddress, ({ health, watchStore }) =>
        withStore({ ...settings.mongodb, connectWithinMs: CONNECT_WITHIN_MS }, async (store) => {
          watchStore(store);
          if (!(await isPrepared({ store, temporalAddress, log, signal }))) return;
          const warnings = [...scheduleWarnings(settings.accounts), ...webhookWarnings(settings)];
          for (const warning of warnings) log.warn(warning);
          const accounts = served.map(({ name }) => name);
          const onRunning = (): void => {
            log.info({ role, accounts, temporal: describeTarget(temporalAddress) }, 'worker is running');
          };
          const readAttention = attentionReader({ accounts: settings.accounts, store });
          const process = { role, served, store, temporalAddress, health, signal, onRunning };
          await runWorker({ ...settings, ...process, readAttention });
        }),
      ),
    ),
  );
  log.info('worker has stopped');
  return EXIT.done;
}

/** Serves health while `use` runs, if there is an address: alive at once, ready once the store and the workers are. */
async function withHealth(
  address: string | null,
  use: (served: { health: HealthServer | null; watchStore: (store: Store) => void }) => Promise<void>,
): Promise<void> {
  let watched: Store | null = null;
  const ping = async (): Promise<void> => {
    if (watched === null) throw new Error('not connected yet');
    await watched.ping();
  };
  const watchStore = (store: Store): void => {
    watched = store;
  };
  const health = address === null ? null : await serveHealth({ address, ping });
  try {
    await use({ health, watchStore });
  } finally {
    await health?.close();
  }
}

/**
 * Creates the indexes and search attributes that the worker needs. Missing indexes of a large collection may take long;
 * without them, every query for work would read the whole collection. False if the worker was stopped meanwhile.
 */
async function isPrepared(input: {
  store: Store;
  temporalAddress: TemporalAddress;
  log: Log;
  signal: AbortSignal;
}): Promise<boolean> {
  const { store, temporalAddress, log, signal } = input;
  try {
    await store.requireExactCounts();
    await store.ensureIndexes({ onNews: (news) => logNews(log, news), signal });
    const { address } = describeTarget(temporalAddress);
    const lack = await withClient(temporalAddress, (client) => ensureSearchAttributes(client, address));
    if (lack !== null)
      log.warn({ advice: lack.advice.split('\n') }, 'search attributes cannot be registered from here');
  } catch (error) {
    if (!signal.aborted) throw error;
  }
  return !signal.aborted;
}

const INDEX_MESSAGES: Readonly<Record<IndexNews['what'], string>> = {
  building: 'building indexes; work begins when they are there',
  'still building': 'still building indexes',
  'building again': 'the connection was lost while indexes were built; waiting for them again',
  built: 'indexes are built',
  hidden: 'indexes are hidden: until they are unhidden, whole collections are read',
};

function logNews(log: Log, { what, ...about }: IndexNews): void {
  const level = what === 'hidden' || what === 'building again' ? 'warn' : 'info';
  log[level](about, INDEX_MESSAGES[what]);
}
