import type { SignalDefinition, UpdateDefinition } from '@temporalio/common';
import { count } from '../../domain/count.js';
import type { Days } from '../../domain/days/days.js';
import { type DrainCounts, countsLine } from '../feed/drain-progress.js';
import { daysText } from '../ids.js';
import { progressQuery, waitLine, type Wait } from '../progress.js';
import type { DayProbe } from '../../domain/days/probe-days.js';

/** What a backfill is asked for. */
export interface BackfillOptions extends Days {
  readonly account: string;
  /** How many days a window has. Each window is drained with a cursor of its own. */
  readonly windowDays: number;
  /** Windows drained at once, at most {@link MAX_PARALLEL}. */
  readonly parallel: number;
  readonly newestFirst: boolean;
  /** `missing` skips the windows whose days are all complete. */
  readonly reprocess: 'missing' | 'all';
  /** `none`: calls seen for the first time get no transcript. */
  readonly transcripts: 'all' | 'none';
}

/** As many requests of one account as a worker has in flight: more windows would only wait. */
export const MAX_PARALLEL = 20;

/** `cancelling`, `stopping`: running windows end, no other is started; `stopping` because the source refused one. */
export type BackfillState = 'running' | 'paused' | 'cancelling' | 'stopping';

interface WindowTotals {
  /** Of the whole range. */
  readonly total: number;
  /** All their days were complete before. */
  readonly skipped: number;
  /** Drained to their end. */
  readonly done: number;
  readonly failed: number;
  readonly running: number;
  /** Not started yet. */
  readonly left: number;
}

/** A window under way, as it last told: whenever it begins or ends waiting, and now and then between. */
export interface RunningWindow extends Days, DrainCounts {
  readonly waiting: Wait | null;
}

export interface FailedWindow extends Days {
  readonly reason: string;
}

/** Counts are of the windows done and of what the running ones have told. */
export interface BackfillProgress extends DrainCounts {
  readonly state: BackfillState;
  /** With `parallel` as it was set last. */
  readonly options: BackfillOptions;
  readonly windows: WindowTotals;
  readonly running: readonly RunningWindow[];
  readonly failed: readonly FailedWindow[];
  /** ISO instant at which it is done if it goes on at the pace of now; null while that cannot be told. */
  readonly endsAt: string | null;
}

export const backfillProgressQuery = progressQuery<BackfillProgress>();

export interface BackfillResult extends DrainCounts, Days {
  readonly account: string;
  /** Drained to their end. */
  readonly windows: number;
  /** All their days were complete before. */
  readonly skipped: number;
  /** A backfill has no cursor of its own: its windows have one each. */
  readonly cursor: null;
  readonly state: 'completed' | 'cancelled';
}

/** One line, as "paused; 12 of 31 windows done, 4 running, 15 left; 480 pages, …". */
export function backfillLine(progress: BackfillProgress): string {
  return `${stateWord(progress)}${soFarLine(progress)}`;
}

/** The same without the state: "12 of 31 windows done, 4 running, 15 left; 480 pages, …; done about 14:05 UTC". */
export function soFarLine(progress: BackfillProgress): string {
  return `${windowsLine(progress.windows)}; ${countsLine(progress)}${paceLine(progress)}${waitsLine(progress)}`;
}

/** Markdown for the workflow's current details. */
export function backfillDetails(progress: BackfillProgress): string {
  const { options, running, failed } = progress;
  const title = `Backfilling ${options.account}, ${daysText(options)}`;
  const now = running.map((window) => `- ${daysText(window)}: ${windowState(window)}`);
  const troubles = failed.slice(0, SHOWN_FAILURES).map((window) => `- ${daysText(window)} failed: ${window.reason}`);
  return [`**${title}**`, backfillLine(progress), [...now, ...troubles].join('\n')].join('\n\n');
}

export function backfillResultDetails(result: BackfillResult): string {
  const outcome = result.state === 'cancelled' ? 'was cancelled' : 'is done';
  return `**The backfill of ${result.account}, ${daysText(result)}, ${outcome}**\n\n${resultLine(result)}`;
}

/** One line, as "31 windows drained, 2 complete before; 480 pages, …". */
export function resultLine(result: BackfillResult): string {
  return `${count(result.windows, 'window')} drained, ${result.skipped} complete before; ${countsLine(result)}`;
}

const SHOWN_FAILURES = 10;

function stateWord({ state }: BackfillProgress): string {
  return { running: '', paused: 'paused; ', cancelling: 'cancelling; ', stopping: 'refused, stopping; ' }[state];
}

function windowsLine({ total, skipped, done, failed, running, left }: WindowTotals): string {
  const parts = [`${done} of ${count(total, 'window')} done`, `${running} running`, `${left} left`];
  if (skipped > 0) parts.push(`${skipped} complete before`);
  if (failed > 0) parts.push(`${failed} failed`);
  return parts.join(', ');
}

/** Nothing where a window waits longer than that: the pace before it tells nothing then. */
function paceLine({ endsAt, running }: BackfillProgress): string {
  if (endsAt === null || running.some(({ waiting }) => waiting !== null && waiting.until > endsAt)) return '';
  return `; done about ${endsAt.slice(0, 16).replace('T', ' ')} UTC`;
}

function waitsLine({ running }: BackfillProgress): string {
  const [first] = running.flatMap(({ waiting }) => waiting ?? []);
  return first === undefined ? '' : `; ${waitLine(first)}`;
}

function windowState(window: RunningWindow): string {
  return window.waiting === null ? countsLine(window) : `${countsLine(window)}; ${waitLine(window.waiting)}`;
}

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

export interface EstimateProgress {
  readonly account: string;
  readonly probes: readonly DayProbe[];
  /** Days to probe. */
  readonly days: number;
  readonly waiting: Wait | null;
}

export const estimateProgressQuery = progressQuery<EstimateProgress>();

/** One line, as "3 of 7 days looked at". */
export function probesLine({ probes, days, waiting }: EstimateProgress): string {
  const doing = waiting === null ? '' : `; ${waitLine(waiting)}`;
  return `${probes.length} of ${days} days looked at${doing}`;
}

/** Markdown for the workflow's current details. */
export function estimateDetails(progress: EstimateProgress): string {
  const lines = progress.probes.map(({ day, rows, calls, share }) => {
    const more = share < 1 ? ' and more' : '';
    return `- ${day}: ${count(rows)} rows, ${count(calls)} calls${more}`;
  });
  return [`**Estimating a backfill of ${progress.account}: ${probesLine(progress)}**`, lines.join('\n')].join('\n\n');
}
