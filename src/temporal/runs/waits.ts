import type { Client } from '@temporalio/client';
import pMap from 'p-map';
import { count } from '../../domain/count.js';
import { progressQuery, type Wait } from '../../workflows/progress.js';
import type { OpenRun } from './open-runs.js';

/** A running workflow that waits, and until when. */
export interface RunWait {
  readonly account: string;
  readonly workflowId: string;
  readonly until: Date;
  readonly reason: string;
}

/** The part of a workflow's progress that says what it waits for. */
interface Waiting {
  readonly waiting?: Wait | null;
  /** Ids of webhooks that wait for a read, and when the next of them is due. */
  readonly idsWaiting?: number;
  readonly nextDueAt?: string | null;
}

/** The most runs to ask: each answer costs a worker a task. */
const MOST_ASKED = 50;
const ASKED_AT_ONCE = 10;
/** Time for all answers together: a running worker answers at once. */
const DEADLINE_MS = 2_000;

const waitingQuery = progressQuery<Waiting>();

/** Asks runs what they wait for. Leaves out those that wait for nothing, and those that do not answer in time. */
export async function waitsOf(client: Client, runs: readonly OpenRun[]): Promise<RunWait[]> {
  const deadline = Date.now() + DEADLINE_MS;
  const asked = runs.filter(({ stuck }) => stuck === null).slice(0, MOST_ASKED);
  const waits = await pMap(asked, (run) => waitOf(client, run, deadline), { concurrency: ASKED_AT_ONCE });
  return waits.filter((wait) => wait !== null);
}

async function waitOf(client: Client, { account, handle }: OpenRun, deadline: number): Promise<RunWait | null> {
  try {
    const progress = await client.withDeadline(deadline, () => handle.query(waitingQuery));
    const wait = shownWait(progress);
    return wait && { account, workflowId: handle.workflowId, until: new Date(wait.until), reason: wait.reason };
  } catch {
    return null;
  }
}

function shownWait({ waiting, idsWaiting = 0, nextDueAt }: Waiting): Wait | null {
  if (waiting != null) return waiting;
  if (nextDueAt == null) return null;
  return { until: nextDueAt, reason: `${count(idsWaiting, 'id')} of webhooks to read` };
}
