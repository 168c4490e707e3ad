import { once } from 'node:events';
import type { WorkflowHandle } from '@temporalio/client';
import type { QueryDefinition, Workflow, WorkflowResultType } from '@temporalio/common';
import { everyInterval } from '../every-interval.js';
import { progressOf } from '../temporal/account-workflows.js';
import { failureMessage } from '../temporal/failure-message.js';
import { PendingRequests } from '../temporal/pending-requests.js';
import { withInterrupt } from './interrupt.js';
import type { Output } from './output.js';

const REFRESH_MS = 500;

/**
 * The workflow's result, with its progress shown meanwhile; null where the person at the terminal did not wait for it,
 * which leaves it running. Throws what failed it, in words for a person.
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
  const result = requests
    .of(handle.client, () => handle.result())
    .finally(() => {
      settled.abort();
    });
  try {
    return await withInterrupt(async (interrupt) => {
      const signal = AbortSignal.any([interrupt, settled.signal]);
      const shown = everyInterval({ pauseMs: REFRESH_MS, signal }, async () => {
        const now = await requests.of(handle.client, () => progressOf(handle, query));
        if (now !== null && !signal.aborted) progress.update(describe(now));
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
