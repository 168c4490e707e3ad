import {
  CancellationScope,
  condition,
  isCancellation,
  proxyActivities,
  setCurrentDetails,
  setHandler,
  upsertMemo,
} from '@temporalio/workflow';
import type { StoreActivities } from '../../activities/store-activities.js';
import type { Days } from '../../domain/days/days.js';
import { planAt, progressAt, steered, withEnded, type BackfillPlace, type BackfillPlan } from './backfill-place.js';
import {
  backfillProgressQuery,
  backfillDetails,
  type BackfillProgress,
  type BackfillState,
  type FailedWindow,
  windowReportSignal,
  type Steered,
} from './backfill-progress.js';
import type { DrainCounts } from '../feed/drain-progress.js';
import { daysText } from '../ids.js';
import { shouldHandOver } from '../hand-over.js';
import { storeActivityOptions } from '../policies.js';
import { createPool } from '../pool.js';
import { handleSteering } from './steering-handlers.js';
import { WindowChild, windowFailureOf } from './window-child.js';

export interface BackfillRunOptions {
  readonly maxWindows: number;
  /** Passed to each window. */
  readonly maxPagesPerRun: number | undefined;
}

/** One run of a backfill: its running windows, and the place the ended ones have reached. */
export class BackfillRun {
  readonly #options: BackfillRunOptions;
  readonly #running = new Map<string, WindowChild>();
  readonly #scope = new CancellationScope();
  readonly #pool = createPool<Days>({ urgency: () => 0, use: (window) => this.#drain(window) });
  #place: BackfillPlace;
  #plan: BackfillPlan;
  #startedNow = 0;

  constructor(place: BackfillPlace, options: BackfillRunOptions) {
    this.#place = place;
    this.#plan = planAt(place);
    this.#options = options;
    setHandler(backfillProgressQuery, () => this.#progress());
    setHandler(windowReportSignal, (report) => {
      const child = this.#running.get(daysText(report));
      if (child !== undefined) child.latest = report;
      this.#show();
    });
    handleSteering({ state: () => this.#place.state, steer: (changes) => this.#steer(changes) });
  }

  get place(): BackfillPlace {
    return this.#place;
  }

  get plan(): BackfillPlan {
    return this.#plan;
  }

  /** True if the next run must drain the remaining windows. */
  get isHandingOver(): boolean {
    const { state, started } = this.#place;
    const isGoingOn = state === 'running' || state === 'paused';
    return isGoingOn && started < this.#plan.windows.length && this.#hasDoneEnough();
  }

  /**
   * Drains windows until none is left, an operator cancels the backfill, the source refuses a window, or the run
   * should hand over. No window runs afterwards.
   * @throws CancelledFailure if Temporal cancels the workflow
   */
  async drainWindows(): Promise<void> {
    try {
      await this.#scope.run(() => this.#skipComplete());
      this.#pool.add({ items: this.#plan.windows.slice(this.#place.started), size: 0 });
      this.#resize();
      await condition(() => this.#isOver());
    } catch (error) {
      const isSteered = this.#place.state === 'cancelling';
      if (isCancellation(error) && !isSteered) this.#steer({ state: 'cancelling' });
      await CancellationScope.nonCancellable(() => condition(() => this.#pool.isIdle()));
      if (!isCancellation(error) || !isSteered) throw error;
    }
  }

  async #skipComplete(): Promise<void> {
    const { options, complete } = this.#place;
    if (complete !== null) return;
    const { planBackfill } = proxyActivities<StoreActivities>(storeActivityOptions);
    const { account, from, to } = options;
    const planned = await planBackfill({ account, window: { from, to } });
    this.#place = { ...this.#place, complete: planned.complete };
    this.#plan = planAt(this.#place);
  }

  async #drain(window: Days): Promise<void> {
    const child = new WindowChild(window);
    this.#running.set(daysText(window), child);
    this.#place = { ...this.#place, started: this.#place.started + 1 };
    this.#startedNow += 1;
    this.#resize();
    try {
      const { maxPagesPerRun } = this.#options;
      const result = await this.#scope.run(() => child.drain({ ...this.#place.options, maxPagesPerRun }));
      const isDone = result.ended === 'caught-up';
      this.#end(child, result, isDone ? 'done' : { ...window, reason: 'Another drain moved its cursor.' });
    } catch (error) {
      const { reason, isRefusal } = windowFailureOf(error);
      const isCancelled = isCancellation(error) && this.#place.state === 'cancelling';
      this.#end(child, child.latest, isCancelled ? 'cancelled' : { ...window, reason });
      if (isRefusal && this.#place.state !== 'cancelling') this.#steer({ state: 'stopping' });
    }
  }

  #end(child: WindowChild, counts: DrainCounts, outcome: 'done' | 'cancelled' | FailedWindow): void {
    this.#running.delete(daysText(child.window));
    this.#place = withEnded(this.#place, { counts, outcome });
    this.#resize();
  }

  #steer({ state = this.#place.state, parallel }: { state?: BackfillState; parallel?: number }): Steered {
    const { options } = this.#place;
    const steeredOptions = parallel === undefined ? options : { ...options, parallel };
    this.#place = steered(this.#place, { state, options: steeredOptions, nowMs: Date.now() });
    if (parallel !== undefined) upsertMemo({ options: steeredOptions });
    if (state === 'cancelling') this.#scope.cancel();
    for (const child of this.#running.values()) child.setPaused(state === 'paused');
    this.#resize();
    return { state, parallel: steeredOptions.parallel };
  }

  /** Sets how many windows may run now, and shows the progress. */
  #resize(): void {
    const mayStart = this.#place.state === 'running' && !this.#hasDoneEnough();
    this.#pool.resize(mayStart ? this.#place.options.parallel : 0);
    this.#show();
  }

  #hasDoneEnough(): boolean {
    return this.#startedNow >= this.#options.maxWindows || shouldHandOver();
  }

  #isOver(): boolean {
    const { state, started } = this.#place;
    const isEnding = state === 'cancelling' || state === 'stopping';
    return this.#pool.isIdle() && (isEnding || this.#hasDoneEnough() || started === this.#plan.windows.length);
  }

  #progress(): BackfillProgress {
    const running = [...this.#running.values()].map(({ latest }) => latest);
    return progressAt({ place: this.#place, plan: this.#plan, running, nowMs: Date.now() });
  }

  #show(): void {
    setCurrentDetails(backfillDetails(this.#progress()));
  }
}
