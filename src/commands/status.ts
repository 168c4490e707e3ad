import type { Client } from '@temporalio/client';
import { everyInterval } from '../every-interval.js';
import type { Account } from '../settings/settings.js';
import { selectAccount } from '../settings/select-account.js';
import type { Hold, TranscriptsState, ZoneNote } from '../store/limits.js';
import type { InvoiceSummary } from '../store/invoices.js';
import { openStore, type Store } from '../store/store.js';
import type { TranscriptSummary } from '../store/transcript-summary.js';
import { withClient } from '../temporal/connect.js';
import { lastRun, type LastRun } from '../temporal/account-workflows.js';
import { listBackfills, type Backfill } from '../temporal/backfills.js';
import { DRAIN, liveStream, SYNC_INVOICES } from '../workflows/ids.js';
import { accountOption, commandSettings, type CommandContext, type CommonOptions } from './context.js';
import { EXIT, type ExitCode } from './exit-codes.js';
import type { Register } from './frame.js';
import { withInterrupt } from './interrupt.js';
import { shownSchedules, type ShownSchedule } from './schedule.js';
import { attentionOf, statusText, type StatusReport } from './status-text.js';

export interface AccountStatus {
  readonly account: string;
  readonly source: Account['source'];
  readonly calls: number;
  /** The last transaction id that is safely written; null at the start of the feed. */
  readonly cursor: string | null;
  readonly lastPageAt: Date | null;
  readonly newestCallAt: Date | null;
  /** Since the feed was last found to have nothing newer; null where that never was. */
  readonly freshnessSeconds: number | null;
  readonly pollSeconds: number;
  /** Counts by status. */
  readonly transcripts: TranscriptSummary['byStatus'];
  readonly transcriptLooks: Omit<TranscriptSummary, 'byStatus'> & {
    /** Why no transcript is asked for now, and until when; null where they are. */
    readonly paused: { readonly until: Date; readonly reason: string | null } | null;
  };
  readonly rejects: number;
  /** Why no requests are made now, and until when; null where they are. */
  readonly hold: { readonly until: Date; readonly reason: string } | null;
  /** Requests per second: as they are limited now, and as the settings have it. */
  readonly rate: { readonly current: number; readonly ceiling: number };
  /** A row that says the token is in another zone than the setting; null where none does. */
  readonly zoneMismatch: ZoneNote | null;
  /** Of what brings new calls in: a drain, or asking about invoices. */
  readonly lastDrain: LastRun | null;
  /** Of an account that is read by invoice; null for others. */
  readonly invoices: InvoiceSummary | null;
  /** Those that run, and the last one where it failed. */
  readonly backfills: readonly Backfill[];
  readonly schedules: readonly ShownSchedule[];
}

interface StatusOptions extends CommonOptions {
  readonly account?: string;
  readonly check?: true;
  readonly watch?: true;
}

const WATCH_EVERY_MS = 2_000;

export const registerStatus: Register = (command, context) => {
  command
    .description('Shows for each account how fresh its calls are, where its cursor stands, and what needs a person.')
    .addOption(accountOption('of this account only'))
    .option('--check', 'end with exit code 3 where something needs a person')
    .option(
      '--watch',
      'show it anew every two seconds, or where it is read by no terminal when it changes, until Ctrl-C',
    )
    .action(context.action((options: StatusOptions) => status(context, options)));
};

async function status(context: CommandContext, options: StatusOptions): Promise<ExitCode> {
  const { settings, temporalAddress } = commandSettings({ context, needs: ['mongodb', 'some-account'] });
  const accounts =
    options.account === undefined
      ? settings.accounts
      : [selectAccount({ accounts: settings.accounts, name: options.account })];
  const store = await openStore(settings.mongodb);
  try {
    return await withClient(temporalAddress, async (client) => {
      const read = async (): Promise<StatusReport> => {
        const asked = accounts.map((account) => accountStatus({ account, client, store, now: new Date() }));
        const statuses = await Promise.all(asked);
        return { statuses, attention: statuses.flatMap(attentionOf) };
      };
      return options.watch ? watch({ context, options, read }) : show({ context, options, report: await read() });
    });
  } finally {
    await store.close();
  }
}

interface Shown {
  readonly context: CommandContext;
  readonly options: StatusOptions;
}

function show({ context, options, report }: Shown & { report: StatusReport }): ExitCode {
  const { statuses, attention } = report;
  if (options.json) context.output.printJson({ accounts: statuses, attention });
  else context.output.print(statusText(report));
  return options.check && attention.length > 0 ? EXIT.needsPerson : EXIT.done;
}

/** Shows it until Ctrl-C, or until nobody reads it any more; the last report decides how it ends. */
async function watch({ context, options, read }: Shown & { read: () => Promise<StatusReport> }): Promise<ExitCode> {
  const { output } = context;
  let exitCode: ExitCode = EXIT.done;
  let shownFacts = '';
  await withInterrupt(async (interrupt) => {
    const signal = AbortSignal.any([interrupt, output.closed]);
    await everyInterval({ pauseMs: WATCH_EVERY_MS, signal }, async () => {
      const report = await read();
      const facts = factsOf(report);
      if (facts === shownFacts && !output.isScreen) return;
      shownFacts = facts;
      output.clearScreen();
      exitCode = show({ context, options, report });
    });
  });
  return exitCode;
}

/** What of a report is news: not that time passes. */
function factsOf({ statuses, attention }: StatusReport): string {
  return JSON.stringify([statuses.map(({ freshnessSeconds: _, ...facts }) => facts), attention.length]);
}

/** Everything there is to know about an account's drain at this instant. */
export async function accountStatus(input: {
  account: Account;
  client: Client;
  store: Store;
  now: Date;
}): Promise<AccountStatus> {
  const { account, client, store, now } = input;
  const [checkpoint, summary, looks, pause, rejects, limit, zone, schedules, drain, backfills, invoices] =
    await Promise.all([
      store.checkpoints.read(liveStream(account.name)),
      store.calls.summary(account.name),
      store.transcripts.summary(account.name),
      store.limits.transcriptsState(account.name),
      store.rejects.count(account.name),
      store.limits.read(account.name),
      zoneMismatchOf(account, store),
      shownSchedules(client, account),
      lastRun(client, account.source === 'credira' ? SYNC_INVOICES : DRAIN, account.name),
      shownBackfills(client, account.name),
      account.source === 'credira' ? store.invoices.summary(account.name) : null,
    ]);
  const { byStatus: transcripts, ...transcriptLooks } = looks;
  const caughtUpAt = invoices?.lastSyncAt ?? checkpoint?.caughtUpAt ?? null;
  return {
    account: account.name,
    source: account.source,
    calls: summary.calls,
    cursor: checkpoint?.cursor ?? null,
    lastPageAt: checkpoint?.lastPageAt ?? null,
    newestCallAt: summary.newestStartedAt,
    freshnessSeconds: caughtUpAt === null ? null : Math.round((now.getTime() - caughtUpAt.getTime()) / 1_000),
    pollSeconds: account.pollIntervalMs / 1_000,
    transcripts,
    transcriptLooks: { ...transcriptLooks, paused: pauseAt(pause, now) },
    rejects,
    hold: limit !== null && limit.holdUntil > now ? { until: limit.holdUntil, reason: limit.reason } : null,
    rate: rateOf(account, limit),
    zoneMismatch: zone,
    lastDrain: drain,
    invoices,
    backfills,
    schedules,
  };
}

async function zoneMismatchOf(account: Account, store: Store): Promise<ZoneNote | null> {
  if (account.source !== 'invoca' || account.timeZone === null) return null;
  return store.limits.zoneMismatch({ account: account.name, timeZone: account.timeZone });
}

/** A rate from before the setting was lowered counts no more. */
function rateOf({ requestsPerSecond: ceiling }: Account, limit: Hold | null): AccountStatus['rate'] {
  return { current: Math.min(limit?.rate ?? ceiling, ceiling), ceiling };
}

function pauseAt({ pausedUntil, reason }: TranscriptsState, now: Date): AccountStatus['transcriptLooks']['paused'] {
  return pausedUntil !== null && pausedUntil > now ? { until: pausedUntil, reason } : null;
}

async function shownBackfills(client: Client, account: string): Promise<Backfill[]> {
  const backfills = await listBackfills(client, account);
  return backfills.filter(({ state, closedAt }, index) => closedAt === null || (index === 0 && state === 'failed'));
}
