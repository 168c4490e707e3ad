import { joinDays, daysOf, splitDays, type Days } from '../../domain/days/days.js';
import type {
  BackfillOptions,
  BackfillProgress,
  BackfillResult,
  BackfillState,
  FailedWindow,
  RunningWindow,
} from './backfill-progress.js';
import { addCounts, NO_COUNTS, type DrainCounts } from '../feed/drain-progress.js';
import { daysText } from '../ids.js';

/** Place of a backfill between two windows, handed from one run to the next. */
export interface BackfillPlace {
  /** Options as given at the start, except that `parallel` has the value set last. */
  readonly options: BackfillOptions;
  readonly state: BackfillState;
  /** Ranges of days that need not be drained; null before the store was asked. */
  readonly complete: readonly Days[] | null;
  /** Number of windows started, in the order of the plan. */
  readonly started: number;
  readonly done: number;
  readonly failed: readonly FailedWindow[];
  /** Counts of the windows that have ended. */
  readonly counts: DrainCounts;
  /** Time of the last steering, from which the pace is measured, and the number of windows done by then. */
  readonly pace: { readonly sinceMs: number; readonly done: number };
}

/** The windows of a backfill. */
export interface BackfillPlan {
  /** Windows to drain, in order. */
  readonly windows: readonly Days[];
  /** Number of windows in the whole range, including those that are skipped. */
  readonly total: number;
}

/** Returns the place at which a backfill begins, at `nowMs`. */
export function firstPlace(options: BackfillOptions, nowMs: number): BackfillPlace {
  return {
    options,
    state: 'running',
    complete: options.reprocess === 'missing' ? null : [],
    started: 0,
    done: 0,
    failed: [],
    counts: NO_COUNTS,
    pace: { sinceMs: nowMs, done: 0 },
  };
}

/** Returns the windows to drain. The same place always has the same plan. */
export function planAt({ options, complete }: Pick<BackfillPlace, 'options' | 'complete'>): BackfillPlan {
  const completeDays = new Set((complete ?? []).flatMap(daysOf));
  const windows = splitDays(options);
  return {
    windows: windows.filter((window) => daysOf(window).some((day) => !completeDays.has(day))),
    total: windows.length,
  };
}

/** Returns the place after a change by an operator. The pace is measured from `nowMs` again. */
export function steered(place: BackfillPlace, changes: Partial<BackfillPlace> & { nowMs: number }): BackfillPlace {
  const { nowMs, ...changed } = changes;
  return { ...place, ...changed, pace: { sinceMs: nowMs, done: place.done } };
}

/** Returns the place after a window has ended. Its counts are added for every outcome. */
export function withEnded(
  place: BackfillPlace,
  ended: { counts: DrainCounts; outcome: 'done' | 'cancelled' | FailedWindow },
): BackfillPlace {
  const { outcome } = ended;
  const counts = addCounts(place.counts, ended.counts);
  if (outcome === 'cancelled') return { ...place, counts };
  if (outcome === 'done') return { ...place, counts, done: place.done + 1 };
  return { ...place, counts, failed: [...place.failed, outcome] };
}

interface Moment {
  readonly place: BackfillPlace;
  readonly plan: BackfillPlan;
  readonly running: readonly RunningWindow[];
  readonly nowMs: number;
}

/** Returns the progress at a moment, for the query and the current details. */
export function progressAt({ place, plan, running, nowMs }: Moment): BackfillProgress {
  const { options, state, failed, done, started } = place;
  return {
    ...running.reduce<DrainCounts>(addCounts, place.counts),
    options,
    state,
    windows: {
      total: plan.total,
      skipped: plan.total - plan.windows.length,
      done,
      failed: failed.length,
      running: running.length,
      left: plan.windows.length - started,
    },
    running,
    failed,
    endsAt: endAt({ place, plan, running, nowMs }),
  };
}

/** Estimates the end from the pace: an ISO instant, or null if unknown. Windows differ in size, so it is a guess. */
function endAt({ place, plan, running, nowMs }: Moment): string | null {
  const done = place.done - place.pace.done;
  if (place.state !== 'running' || done === 0) return null;
  const msPerWindow = (nowMs - place.pace.sinceMs) / done;
  const left = plan.windows.length - place.started + running.length;
  return new Date(nowMs + left * msPerWindow).toISOString();
}

/** Returns the result of a backfill that is completed or cancelled. */
export function resultAt(place: BackfillPlace, plan: BackfillPlan): BackfillResult {
  const { account, from, to } = place.options;
  return {
    account,
    from,
    to,
    ...place.counts,
    windows: place.done,
    skipped: plan.total - plan.windows.length,
    cursor: null,
    state: place.state === 'cancelling' ? 'cancelled' : 'completed',
  };
}

const SHOWN_RANGES = 10;

/** Returns the failure message of a backfill with failed windows, or windows it did not start. */
export function incompleteMessage(place: BackfillPlace, plan: BackfillPlan): string {
  const ranges = joinDays([...place.failed, ...plan.windows.slice(place.started)]).map(daysText);
  const more = ranges.length > SHOWN_RANGES ? ` and ${ranges.length - SHOWN_RANGES} more ranges` : '';
  const reason = place.failed[0]?.reason ?? '';
  return (
    `Backfilling ${place.options.account}, ${daysText(place.options)}: these days were not read to their end: ` +
    `${ranges.slice(0, SHOWN_RANGES).join(', ')}${more}. ${reason} All other days are written. Remove the cause, then start ` +
    'the backfill again: unless it has `--reprocess all`, it skips complete windows.'
  );
}
