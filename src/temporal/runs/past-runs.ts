import type { Client, WorkflowExecutionInfo } from '@temporalio/client';
import pMap from 'p-map';
import type { AccountWorkflow } from '../../workflows/ids.js';
import { failureOf, runState } from './run-state.js';
import { accountOf, LARGEST_PAGE, listWorkflows, ofAccounts } from './lists.js';

export interface LastRun {
  readonly workflowId: string;
  readonly state: 'running' | 'completed' | 'failed';
  readonly startedAt: Date;
  /** Reason of a failed run, for an operator; else null. */
  readonly failure: string | null;
  /** Last failure of an activity that a running workflow retries; null if there is none. */
  readonly trouble: string | null;
}

/** Consecutive failed runs, after which none has completed. */
export interface FailedRuns {
  /** Id of the last run. */
  readonly workflowId: string;
  /** Reason of the last failure, for an operator. */
  readonly failure: string;
  /** End of the first run. */
  readonly since: Date;
  /** End of the last run. */
  readonly endedAt: Date;
}

/** The workflow that brings in an account's new calls. */
export interface Poll {
  readonly account: string;
  readonly workflow: AccountWorkflow;
}

export interface PastPolls {
  /** The latest run; null if there is none. */
  readonly last: LastRun | null;
  /** Failed runs since the last completed one; null if the latest did not fail. */
  readonly failed: FailedRuns | null;
}

/** Listed runs of an account, the latest first. */
interface Seen {
  last: WorkflowExecutionInfo | null;
  readonly failures: WorkflowExecutionInfo[];
}

/** Eight hours of failures, one every five minutes. */
const MOST_FAILURES = 100;
/** Runs listed for all accounts together. */
const MOST_LISTED = 3_000;
/** Runs of an account that mostly decide, with the other accounts' runs between them. */
const LISTED_FOR_EACH = 5;
const SMALLEST_PAGE = 20;
const ASKED_AT_ONCE = 10;

/**
 * Returns, by account, the past runs of the workflows that bring in new calls. Mostly lists them with one request. An
 * account that the first `mostListed` runs of all do not decide is asked for alone.
 */
export async function pastPolls(
  client: Client,
  polls: readonly Poll[],
  mostListed = MOST_LISTED,
): Promise<ReadonlyMap<string, PastPolls>> {
  if (polls.length === 0) return new Map();
  const undecided = new Map(polls.map(({ account }) => [account, nothingSeen()]));
  const seen = new Map(undecided);
  const isWhole = await look(client, { polls, undecided, limit: mostListed });
  const alone = isWhole ? [] : polls.filter(({ account }) => undecided.has(account));
  const found = await pMap(
    polls,
    async (poll): Promise<[string, PastPolls]> => {
      const runs = alone.includes(poll) ? await runsOf(client, poll) : seen.get(poll.account);
      return [poll.account, await toPastPolls(client, runs ?? nothingSeen())];
    },
    { concurrency: ASKED_AT_ONCE },
  );
  return new Map(found);
}

/** Returns the latest run of the workflow that brings in an account's new calls; null if there is none. */
export async function lastRun(client: Client, workflow: AccountWorkflow, account: string): Promise<LastRun | null> {
  return (await pastPolls(client, [{ account, workflow }])).get(account)?.last ?? null;
}

async function runsOf(client: Client, poll: Poll): Promise<Seen> {
  const seen = nothingSeen();
  await look(client, { polls: [poll], undecided: new Map([[poll.account, seen]]), limit: MOST_FAILURES });
  return seen;
}

/**
 * Lists runs, the latest first, until each account is decided, and removes it from `undecided` then. Returns true if
 * there are no more runs; false if the limit was reached.
 */
async function look(
  client: Client,
  { polls, undecided, limit }: { polls: readonly Poll[]; undecided: Map<string, Seen>; limit: number },
): Promise<boolean> {
  const types = [...new Set(polls.map(({ workflow }) => `'${workflow.type}'`))].join(', ');
  const query =
    `WorkflowType IN (${types}) AND ExecutionStatus != 'ContinuedAsNew' AND ` +
    ofAccounts(polls.map(({ account }) => account));
  const pageSize = Math.min(LARGEST_PAGE, Math.max(SMALLEST_PAGE, polls.length * LISTED_FOR_EACH));
  let listed = 0;
  for await (const run of listWorkflows(client, { query, pageSize })) {
    const account = accountOf(run) ?? '';
    const seen = undecided.get(account);
    if (seen !== undefined && isDecided(seen, run)) undecided.delete(account);
    listed += 1;
    if (undecided.size === 0) return true;
    if (listed === limit) return false;
  }
  return true;
}

/** Adds a run. Returns true if no earlier one is of interest. */
function isDecided(seen: Seen, run: WorkflowExecutionInfo): boolean {
  seen.last ??= run;
  if (run.closeTime === undefined) return false;
  return run.status.name === 'COMPLETED' || seen.failures.push(run) === MOST_FAILURES;
}

async function toPastPolls(client: Client, { last, failures }: Seen): Promise<PastPolls> {
  const [latest] = failures;
  const failure = latest === undefined ? null : await failureOfRun(client, latest);
  return {
    last: last === null ? null : await toLastRun(client, last, last === latest ? failure : null),
    failed:
      latest === undefined
        ? null
        : {
            workflowId: latest.workflowId,
            failure: failure ?? 'unknown',
            endedAt: latest.closeTime ?? new Date(0),
            since: failures.at(-1)?.closeTime ?? new Date(0),
          },
  };
}

async function toLastRun(client: Client, run: WorkflowExecutionInfo, failure: string | null): Promise<LastRun> {
  const { workflowId, runId, startTime: startedAt } = run;
  const nothing = { workflowId, startedAt, failure: null, trouble: null };
  if (run.closeTime === undefined) {
    const { trouble } = await runState(client.workflow.getHandle(workflowId, runId));
    return { ...nothing, state: 'running', trouble };
  }
  return run.status.name === 'COMPLETED'
    ? { ...nothing, state: 'completed' }
    : { ...nothing, state: 'failed', failure };
}

function failureOfRun(client: Client, { workflowId, runId }: WorkflowExecutionInfo): Promise<string | null> {
  return failureOf(client.workflow.getHandle(workflowId, runId));
}

function nothingSeen(): Seen {
  return { last: null, failures: [] };
}
