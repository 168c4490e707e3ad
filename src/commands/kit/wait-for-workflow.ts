import { once } from 'node:events';
import type { WorkflowHandle } from '@temporalio/client';
import type { QueryDefinition, Workflow, WorkflowResultType } from '@temporalio/common';
import { everyInterval } from '../../process/every-interval.js';
import {
  progressOf,
  failureMessage,
  activityTrouble,
  waitsForWorker,
  resultUnlessStuck,
} from '../../temporal/runs/run-state.js';
import { PendingRequests } from '../../temporal/runs/pending-requests.js';
import { withInterrupt } from './interrupt.js';
import type { Output } from './output.js';

const REFRESH_MS = 500;
/** A worker that runs takes a task at once. */
const WORKER_EXPECTED_MS = 5_000;

/**
 * The workflow's result, with its progress shown meanwhile; null where the person at the terminal did not wait for it,
 * which leaves it running. Throws what failed it, or why it makes no progress, in words for a person.
 */
export async function waitForWorkflow<Progress, W extends Workflow>(input: {
  readonly handle: WorkflowHandle<W>;
  readonly output: Output;
  readonly query: QueryDefinition<Progress>;
  /** The line that shows how far it is. */
  readonly describe: (progress: Progress) => string;
}): Promise<WorkflowResultType<W> | null> {
  const { handle, output, query, describe } = input;
  const progress = output.progress();
  const requests = new PendingRequests();
  const settled = new AbortController();
  try {
    return await withInterrupt(async (interrupt) => {
      const signal = AbortSignal.any([interrupt, settled.signal]);
      const result = requests
        .of(handle.client, () => resultUnlessStuck(handle, signal))
        .finally(() => {
          settled.abort();
        });
      const shown = everyInterval({ pauseMs: REFRESH_MS, signal }, async () => {
        const line = await requests.of(handle.client, () => lineOf(handle, { query, describe }));
        if (line !== null && !signal.aborted) progress.update(line);
      });
      const interrupted = once(interrupt, 'abort').then(() => null);
      return Promise.race([result, shown.then(() => result), interrupted]);
    });
  } catch (error) {
    // Without the cause, whose own words ("Workflow execution failed") say nothing more.
    throw new Error(failureMessage(error));
  } finally {
    requests.giveUp();
    progress.end();
  }
}

/** How far a run is, or why nothing is to be seen of it; null where that is not known. */
async function lineOf<Progress>(
  handle: WorkflowHandle,
  { query, describe }: { query: QueryDefinition<Progress>; describe: (progress: Progress) => string },
): Promise<string | null> {
  const progress = await progressOf(handle, query);
  if (progress !== null) {
    const trouble = await activityTrouble(handle).catch(() => null);
    return trouble === null ? describe(progress) : `${describe(progress)}; trying again: ${trouble}`;
  }
  const isWaiting = await waitsForWorker(handle, { forMs: WORKER_EXPECTED_MS, now: new Date() }).catch(() => false);
  return isWaiting ? `${handle.workflowId}: no worker takes it up; is one running?` : null;
}
