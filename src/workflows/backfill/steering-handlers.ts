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
  /** Takes effect before it returns, as far as the backfill itself goes. */
  readonly steer: (changes: { state?: BackfillState; parallel?: number }) => Steered;
}

/** Lets people steer the backfill; what makes no sense as it stands is refused with the reason. */
export function handleSteering({ state, steer }: Steerable): void {
  const only = (allowed: readonly BackfillState[], wish: string) => (): void => {
    if (!allowed.includes(state())) refuse(`it cannot be ${wish}: ${standing[state()]}`);
  };
  setHandler(pauseUpdate, () => steer({ state: 'paused' }), { validator: only(['running'], 'paused') });
  setHandler(resumeUpdate, () => steer({ state: 'running' }), { validator: only(['paused'], 'resumed') });
  setHandler(cancelUpdate, () => steer({ state: 'cancelling' }), {
    validator: only(['running', 'paused', 'stopping'], 'cancelled'),
  });
  setHandler(setParallelUpdate, (parallel) => steer({ parallel }), {
    validator: (parallel) => {
      only(['running', 'paused'], 'given another number of windows at once')();
      const isAllowed = Number.isInteger(parallel) && parallel >= 1 && parallel <= MAX_PARALLEL;
      if (!isAllowed) refuse(`the windows drained at once must be a whole number from 1 to ${MAX_PARALLEL}`);
    },
  });
}

const standing: Readonly<Record<BackfillState, string>> = {
  running: 'it is running',
  paused: 'it is paused',
  cancelling: 'it is being cancelled',
  stopping: 'the source refused a window, and it ends when those that run have ended',
};

function refuse(message: string): never {
  throw ApplicationFailure.nonRetryable(message, 'SteeringRefused');
}
