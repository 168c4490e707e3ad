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

/** Where a backfill stands between two windows: what one run hands to the next. */
export interface BackfillPlace {
  /** With `parallel` as it was set last. */
  readonly options: BackfillOptions;
  readonly state: BackfillState;
  /** Ranges of days that need not be drained; null before it was asked for. */
  readonly complete: readonly Days[] | null;
  /** How many of the windows to drain were started, in their order. */
  readonly started: number;
  readonly done: number;
  readonly failed: readonly FailedWindow[];
  /** Of the windows that have ended. */
  readonly counts: DrainCounts;
  /** Since when windows are drained as now, and how many were done then. */
  readonly pace: { readonly sinceMs: number; readonly done: number };
}

/** The windows of a backfill. */
export interface BackfillPlan {
  /** Those to drain, in the order in which they are. */
  readonly windows: readonly Days[];
  /** How many the whole range has. */
  readonly total: number;
}

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

/** The same place always has the same plan. */
export function planAt({ options, complete }: Pick<BackfillPlace, 'options' | 'complete'>): BackfillPlan {
  const completeDays = new Set((complete ?? []).flatMap(daysOf));
  const windows = splitDays(options);
  return {
    windows: windows.filter((window) => daysOf(window).some((day) => !completeDays.has(day))),
    total: windows.length,
  };
}

/** It stands otherwise from now on, and so at another pace. */
export function steered(place: BackfillPlace, changes: Partial<BackfillPlace> & { nowMs: number }): BackfillPlace {
  const { nowMs, ...changed } = changes;
  return { ...place, ...changed, pace: { sinceMs: nowMs, done: place.done } };
}

/** A window has ended; what it wrote counts however it did. */
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

/** Windows differ in size, so this is a guess that grows better with each. */
function endAt({ place, plan, running, nowMs }: Moment): string | null {
  const done = place.done - place.pace.done;
  if (place.state !== 'running' || done === 0) return null;
  const msPerWindow = (nowMs - place.pace.sinceMs) / done;
  const left = plan.windows.length - place.started + running.length;
  return new Date(nowMs + left * msPerWindow).toISOString();
}

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

/** What a person is told of a backfill that left windows behind. */
export function incompleteMessage(place: BackfillPlace, plan: BackfillPlan): string {
  const ranges = joinDays([...place.failed, ...plan.windows.slice(place.started)]).map(daysText);
  const more = ranges.length > SHOWN_RANGES ? ` and ${ranges.length - SHOWN_RANGES} more ranges` : '';
  const reason = place.failed[0]?.reason ?? '';
  return (
    `Backfilling ${place.options.account}, ${daysText(place.options)}: these days were not drained to their end: ` +
    `${ranges.slice(0, SHOWN_RANGES).join(', ')}${more}. ${reason} Everything else is written. When that is mended, start ` +
    'the same backfill again: days already complete are skipped.'
  );
}
