import type { SignalDefinition, UpdateDefinition } from '@temporalio/common';
import type { BackfillState, RunningWindow } from './backfill-progress.js';

/** How a backfill stands after it was steered. */
export interface Steered {
  readonly state: BackfillState;
  readonly parallel: number;
}

// The client knows these too, hence no `defineUpdate`.
export const pauseUpdate = { type: 'update', name: 'pause' } as UpdateDefinition<Steered>;
export const resumeUpdate = { type: 'update', name: 'resume' } as UpdateDefinition<Steered>;
export const cancelUpdate = { type: 'update', name: 'cancel' } as UpdateDefinition<Steered>;
export const setParallelUpdate = { type: 'update', name: 'setParallel' } as UpdateDefinition<Steered, [number]>;

/** To a window of a backfill: whether it is to ask for no further page. */
export const setPausedSignal = { type: 'signal', name: 'setPaused' } as SignalDefinition<[boolean]>;

/** From a window to its backfill. */
export const windowReportSignal = { type: 'signal', name: 'windowReport' } as SignalDefinition<[RunningWindow]>;
