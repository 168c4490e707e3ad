import type { Client, WorkflowHandle } from '@temporalio/client';
import { WorkflowNotFoundError } from '@temporalio/common';
import pMap from 'p-map';
import { ALERTS, MODE_ATTRIBUTE } from '../../workflows/ids.js';
import { accountOf, LARGEST_PAGE, listWorkflows, ofAccounts } from './lists.js';
import { runState, type RunState, type StuckRun } from './run-state.js';

/** A running workflow of an account. */
export interface OpenRun extends RunState {
  readonly account: string;
  readonly type: string;
  readonly startedAt: Date;
  readonly handle: WorkflowHandle;
}

/** The most runs to describe for an account, and for all: further stuck runs have the same reason. */
const MOST_OF_ACCOUNT = 50;
const MOST_DESCRIBED = 1_000;
const DESCRIBED_AT_ONCE = 20;
/** The age below which transcript workflows are left out: dozens run at once, for seconds only. */
const SHORT_RUN_MS = 60_000;

interface OpenRunsOf {
  readonly accounts: readonly string[];
  readonly now: Date;
}

/** Lists the running workflows of the accounts with their state, sorted by id; of looks only those that take long. */
export async function openRuns(client: Client, { accounts, now }: OpenRunsOf): Promise<OpenRun[]> {
  const listed = await listOpenRuns(client, { accounts, now });
  const described = await pMap(listed, describeUnlessGone, { concurrency: DESCRIBED_AT_ONCE });
  return described.filter((run) => run !== null).sort((a, b) => (a.handle.workflowId < b.handle.workflowId ? -1 : 1));
}

/** Lists the runs of alerts that make no progress. They are no account's, so {@link openRuns} does not list them. */
export async function stuckAlerts(client: Client): Promise<StuckRun[]> {
  const query = `${MODE_ATTRIBUTE.name} = '${ALERTS.mode}' AND ExecutionStatus = 'Running'`;
  const stuck: StuckRun[] = [];
  for await (const { workflowId, runId } of listWorkflows(client, { query })) {
    const state = await stateUnlessGone(client.workflow.getHandle(workflowId, runId));
    if (state?.stuck != null) stuck.push(state.stuck);
  }
  return stuck;
}

type ListedRun = Omit<OpenRun, keyof RunState>;

async function listOpenRuns(client: Client, { accounts, now }: OpenRunsOf): Promise<ListedRun[]> {
  const longAgo = new Date(now.getTime() - SHORT_RUN_MS).toISOString();
  const query =
    `${ofAccounts(accounts)} AND ExecutionStatus = 'Running' ` +
    `AND (WorkflowType != 'transcript' OR StartTime < '${longAgo}')`;
  const left = new Map(accounts.map((account) => [account, MOST_OF_ACCOUNT]));
  const runs: ListedRun[] = [];
  for await (const info of listWorkflows(client, { query, pageSize: LARGEST_PAGE })) {
    const account = accountOf(info) ?? '';
    const places = left.get(account) ?? 0;
    if (places === 0) continue;
    left.set(account, places - 1);
    const { type, workflowId, runId, startTime: startedAt } = info;
    runs.push({ account, type, startedAt, handle: client.workflow.getHandle(workflowId, runId) });
    if (runs.length === MOST_DESCRIBED) break;
  }
  return runs;
}

async function describeUnlessGone(run: ListedRun): Promise<OpenRun | null> {
  const state = await stateUnlessGone(run.handle);
  return state && { ...run, ...state };
}

async function stateUnlessGone(handle: WorkflowHandle): Promise<RunState | null> {
  try {
    return await runState(handle);
  } catch (error) {
    // It has ended since it was listed.
    if (error instanceof WorkflowNotFoundError) return null;
    throw error;
  }
}
