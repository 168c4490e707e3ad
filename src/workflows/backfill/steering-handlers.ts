import { ApplicationFailure } from '@temporalio/common';
import { setHandler } from '@temporalio/workflow';
import {
  MAX_PARALLEL,
  type BackfillState,
  cancelUpdate,
  pauseUpdate,
  resumeUpdate,
  setParallelUpdate,
  type Steered,
} from './backfill-progress.js';

export interface Steerable {
  readonly state: () => BackfillState;
  /** Changes the backfill before it returns; running windows follow later. */
  readonly steer: (changes: { state?: BackfillState; parallel?: number }) => Steered;
}

/** Handles the updates that steer a backfill. An update that its state does not allow is refused with the reason. */
export function handleSteering({ state, steer }: Steerable): void {
  const only = (allowed: readonly BackfillState[], wish: string) => (): void => {
    if (!allowed.includes(state())) refuse(`the backfill cannot be ${wish}: ${REASONS[state()]}`);
  };
  setHandler(pauseUpdate, () => steer({ state: 'paused' }), { validator: only(['running'], 'paused') });
  setHandler(resumeUpdate, () => steer({ state: 'running' }), { validator: only(['paused'], 'resumed') });
  setHandler(cancelUpdate, () => steer({ state: 'cancelling' }), {
    validator: only(['running', 'paused', 'stopping'], 'cancelled'),
  });
  setHandler(setParallelUpdate, (parallel) => steer({ parallel }), {
    validator: (parallel) => {
      only(['running', 'paused'], 'given another number of parallel windows')();
      const isAllowed = Number.isInteger(parallel) && parallel >= 1 && parallel <= MAX_PARALLEL;
      if (!isAllowed) refuse(`the number of parallel windows must be a whole number from 1 to ${MAX_PARALLEL}`);
    },
  });
}

const REASONS: Readonly<Record<BackfillState, string>> = {
  running: 'it is running',
  paused: 'it is paused',
  cancelling: 'it is being cancelled',
  stopping: 'the source refused a window, and the backfill ends when its running windows have ended',
};

function refuse(message: string): never {
  throw ApplicationFailure.nonRetryable(message, 'SteeringRefused');
}
