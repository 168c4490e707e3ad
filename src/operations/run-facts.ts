import type { Client } from '@temporalio/client';
import type { Source } from '../domain/call.js';
import { grouped } from '../domain/grouped.js';
import type { Account } from '../settings/accounts.js';
import type { Backfill } from '../temporal/runs/backfills.js';
import { openRuns, type OpenRun } from '../temporal/runs/open-runs.js';
import { lastRun, type LastRun, type PastPolls, pastPolls, type Poll } from '../temporal/runs/past-runs.js';
import { unfinishedBackfills } from '../temporal/runs/unfinished-backfills.js';
import { queueWorkers, type QueueWorkers } from '../temporal/server/task-queues.js';
import { DRAIN, SYNC_INVOICES, type AccountWorkflow } from '../workflows/ids.js';

/** Runs and workers of an account in Temporal. */
export interface RunFacts {
  /** Running workflows, except looks that began a moment ago. */
  readonly open: readonly OpenRun[];
  readonly past: PastPolls;
  /** Running backfills, and failed ones whose days no later one covers. */
  readonly backfills: readonly Backfill[];
  /** Empty if Temporal does not report them. */
  readonly workers: readonly QueueWorkers[];
}

const POLL: Readonly<Record<Source, AccountWorkflow>> = { invoca: DRAIN, credira: SYNC_INVOICES };

/** Returns the workflow that brings in new calls: a drain, or a sync of invoices. */
export function pollOf({ source, name }: Account): Poll {
  return { account: name, workflow: POLL[source] };
}

/** Returns the last run that brings in new calls; null if there is none. */
export function lastPoll(client: Client, account: Account): Promise<LastRun | null> {
  return lastRun(client, pollOf(account).workflow, account.name);
}

interface RunFactsOf {
  readonly client: Client;
  readonly accounts: readonly Account[];
  readonly now: Date;
}

/**
 * Reads what Temporal says of the accounts' runs and workers. Returns a function that gives the facts of one of them.
 */
export async function runFacts({ client, accounts, now }: RunFactsOf): Promise<(account: Account) => RunFacts> {
  const names = accounts.map(({ name }) => name);
  const workers = queueWorkers(client, names, now);
  const [open, past, backfills, ofQueues] = await Promise.all([
    openRuns(client, { accounts: names, now }),
    pastPolls(client, accounts.map(pollOf)),
    workers.then((queues) => unfinishedBackfills(client, { accounts: names, isAnswered: isAnswered(queues) })),
    workers,
  ]);
  const openByAccount = grouped(open, ({ account }) => account);
  return ({ name }) => ({
    open: openByAccount.get(name) ?? [],
    past: past.get(name) ?? { last: null, failed: null },
    backfills: backfills.get(name) ?? [],
    workers: ofQueues.get(name) ?? [],
  });
}

/** False if no worker runs workflows, so that none would answer a query. True if that is not known. */
function isAnswered(queues: ReadonlyMap<string, readonly QueueWorkers[]>): boolean {
  return [...queues.values()].every(([ofWorkflows]) => ofWorkflows === undefined || ofWorkflows.pollers > 0);
}

/** Types of workflows whose waits are known without asking: from MongoDB, or from the backfill above them. */
const NOT_ASKED: ReadonlySet<string> = new Set(['transcripts', 'transcript', 'backfill', 'drainWindow']);

/**
 * Returns the runs that may wait for something that is stored nowhere: the next request to a source that does not
 * answer, or the next read of a call that a webhook named.
 */
export function runsToAsk({ open, workers }: RunFacts, hasOutage: boolean): OpenRun[] {
  const [ofWorkflows] = workers;
  if (ofWorkflows?.pollers === 0) return [];
  return open.filter(({ type }) => type === 'nudges' || (hasOutage && !NOT_ASKED.has(type)));
}
