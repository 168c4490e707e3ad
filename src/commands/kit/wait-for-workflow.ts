import { once } from 'node:events';
import { ServiceError, type WorkflowHandle } from '@temporalio/client';
import type { QueryDefinition, Workflow, WorkflowResultType } from '@temporalio/common';
import { everyInterval } from '../../process/every-interval.js';
import {
  progressOf,
  failureMessage,
  waitsForWorker,
  resultUnlessStuck,
  runState,
} from '../../temporal/runs/run-state.js';
import { PendingRequests } from '../../temporal/runs/pending-requests.js';
import { withInterrupt } from './interrupt.js';
import type { Output } from './output.js';

const REFRESH_MS = 500;
/** Time after which a missing worker is reported: a running one takes a task at once. */
const WORKER_EXPECTED_MS = 5_000;

/**
 * Waits for the workflow and shows its progress.
 * @returns its result; null if the operator stopped waiting, which leaves it running
 * @throws an error with the reason if the workflow fails or makes no progress
 */
export async function waitForWorkflow<Progress, W extends Workflow>(input: {
  readonly handle: WorkflowHandle<W>;
  readonly output: Output;
  readonly query: QueryDefinition<Progress>;
  /** Returns the line that shows the progress. */
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
    if (error instanceof ServiceError) {
      const cause = error.cause instanceof Error ? `: ${error.cause.message}` : '';
      throw new Error(
        `lost the connection to Temporal while waiting for ${handle.workflowId}${cause}. What runs there continues when ` +
          'the server is back.',
      );
    }
    // The message of the cause ("Workflow execution failed") adds nothing, so it is left out.
    throw new Error(failureMessage(error));
  } finally {
    requests.giveUp();
    progress.end();
  }
}

/** Returns the progress of a run, or why it shows none; null if neither is known. */
async function lineOf<Progress>(
  handle: WorkflowHandle,
  { query, describe }: { query: QueryDefinition<Progress>; describe: (progress: Progress) => string },
): Promise<string | null> {
  const progress = await progressOf(handle, query);
  if (progress !== null) {
    const trouble = (await runState(handle).catch(() => null))?.trouble ?? null;
    return trouble === null ? describe(progress) : `${describe(progress)}; trying again: ${trouble}`;
  }
  const isWaiting = await waitsForWorker(handle, { forMs: WORKER_EXPECTED_MS, now: new Date() }).catch(() => false);
  return isWaiting ? `${handle.workflowId}: no worker has taken it: is one running?` : null;
}
