import type { WorkflowHandle } from '@temporalio/client';
import type { Workflow, WorkflowResultType } from '@temporalio/common';
import { everyInterval } from '../../process/every-interval.js';
import { stuckRun, stuckRunMessage } from './run-state.js';

const LOOK_EVERY_MS = 2_000;

/**
 * The result of a run. Throws what failed it, or, once the run turns out to make no progress, what to do about that: it
 * would be waited for in vain. After the signal has aborted nobody looks any more.
 */
export async function resultUnlessStuck<W extends Workflow>(
  handle: WorkflowHandle<W>,
  signal: AbortSignal,
): Promise<WorkflowResultType<W>> {
  const settled = new AbortController();
  const result = handle.result().finally(() => {
    settled.abort();
  });
  const looks = everyInterval({ pauseMs: LOOK_EVERY_MS, signal: AbortSignal.any([signal, settled.signal]) }, () =>
    throwIfStuck(handle),
  );
  return Promise.race([result, looks.then(() => result)]);
}

/** @throws an error that says what is wrong with a run that makes no progress, and what to do */
export async function throwIfStuck(handle: WorkflowHandle): Promise<void> {
  // What cannot be told now is told by the next look, or by the result.
  const stuck = await stuckRun(handle).catch(() => null);
  if (stuck !== null) throw new Error(stuckRunMessage(stuck));
}
