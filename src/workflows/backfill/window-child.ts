import { startChild, workflowInfo, type ChildWorkflowHandle } from '@temporalio/workflow';
import { ApplicationFailure } from '@temporalio/common';
import type { Days } from '../../domain/days/days.js';
import { type BackfillOptions, type RunningWindow, setPausedSignal } from './backfill-progress.js';
import { drainWindow } from './drain-window.js';
import { NO_COUNTS, type DrainResult } from '../feed/drain-progress.js';
import { daysStream, daysText, searchAttributesOf, windowWorkflowId } from '../ids.js';
import { rootCause } from '../root-cause.js';

/** A running window of a backfill, in a child workflow. */
export class WindowChild {
  readonly window: Days;
  /** Last report of the window. */
  latest: RunningWindow;
  #isPaused = false;
  #child: ChildWorkflowHandle<typeof drainWindow> | null = null;
  #told: Promise<void> = Promise.resolve();

  constructor(window: Days) {
    this.window = window;
    this.latest = { ...window, ...NO_COUNTS, waiting: null };
  }

  /** Starts the child workflow and returns its result. The calling cancellation scope cancels it. */
  async drain(options: BackfillOptions & { maxPagesPerRun: number | undefined }): Promise<DrainResult> {
    const { account, transcripts, maxPagesPerRun } = options;
    const { window } = this;
    const { workflowId, firstExecutionRunId: drainId } = workflowInfo();
    this.#child = await startChild(drainWindow, {
      args: [
        {
          account,
          window,
          stream: daysStream({ workflowId, days: window, drainId }),
          drainId,
          transcripts,
          paused: false,
          ...(maxPagesPerRun !== undefined && { maxPagesPerRun }),
        },
      ],
      workflowId: windowWorkflowId({ parentId: workflowId, window }),
      typedSearchAttributes: searchAttributesOf({ account, mode: 'backfill' }),
      staticSummary: `Backfill window: ${account}, ${daysText(window)}`,
    });
    if (this.#isPaused) this.#tell();
    return this.#child.result();
  }

  /** Pauses or resumes the window: it asks for no page while it is paused. */
  setPaused(isPaused: boolean): void {
    if (this.#isPaused === isPaused) return;
    this.#isPaused = isPaused;
    this.#tell();
  }

  /** Sends the signals one after the other, because two at once may overtake each other. */
  #tell(): void {
    const child = this.#child;
    const isPaused = this.#isPaused;
    if (child === null) return;
    this.#told = this.#told.then(() => child.signal(setPausedSignal, isPaused)).catch(ignoreEnded);
  }
}

/** Ignores the failed signal: the window has ended. */
function ignoreEnded(): void {
  return;
}

export interface WindowFailure {
  /** Message of the activity that failed. */
  readonly reason: string;
  /** True if the source refused the request: it would also refuse those of other windows. */
  readonly isRefusal: boolean;
}

/** Returns the cause of a failed child workflow, without Temporal's wrappers. */
export function windowFailureOf(error: unknown): WindowFailure {
  const cause = rootCause(error);
  return {
    reason: cause instanceof Error ? cause.message : String(cause),
    isRefusal: cause instanceof ApplicationFailure && cause.type === 'Refused',
  };
}
