import type { SignalDefinition, UpdateDefinition } from '@temporalio/common';
import { count } from '../../domain/count.js';
import type { Days } from '../../domain/days/days.js';
import { type DrainCounts, countsLine } from '../feed/drain-progress.js';
import { daysText } from '../ids.js';
import { progressQuery, waitLine, type Wait } from '../progress.js';
import type { DayProbe } from '../../domain/days/probe-days.js';

/** Options of a backfill. */
export interface BackfillOptions extends Days {
  readonly account: string;
  /** Number of days in a window. Each window is drained with its own cursor. */
  readonly windowDays: number;
  /** Windows drained at once, at most {@link MAX_PARALLEL}. */
  readonly parallel: number;
  readonly newestFirst: boolean;
  /** `missing` skips the windows whose days are all complete. */
  readonly reprocess: 'missing' | 'all';
  /** `none`: calls seen for the first time get no transcript. */
  readonly transcripts: 'all' | 'none';
}

/** Number of requests of one account that a worker runs at once: more windows would only wait. */
export const MAX_PARALLEL = 20;

/** `stopping`: the source refused a window, so no other starts. `cancelling` also cancels the running ones. */
export type BackfillState = 'running' | 'paused' | 'cancelling' | 'stopping';

interface WindowTotals {
  /** All windows of the range. */
  readonly total: number;
  /** Skipped, because all their days were already complete. */
  readonly skipped: number;
  /** Drained to their end. */
  readonly done: number;
  readonly failed: number;
  readonly running: number;
  /** Windows not started yet. */
  readonly left: number;
}

/** A running window as it last reported: when it begins or ends a wait, and every few pages. */
export interface RunningWindow extends Days, DrainCounts {
  readonly waiting: Wait | null;
}

export interface FailedWindow extends Days {
  readonly reason: string;
}

/** Counts are those of the ended windows plus the last reports of the running ones. */
export interface BackfillProgress extends DrainCounts {
  readonly state: BackfillState;
  /** Options as given at the start, except that `parallel` has the value set last. */
  readonly options: BackfillOptions;
  readonly windows: WindowTotals;
  readonly running: readonly RunningWindow[];
  readonly failed: readonly FailedWindow[];
  /** ISO instant at which it will end at the present pace; null while unknown. */
  readonly endsAt: string | null;
}

export const backfillProgressQuery = progressQuery<BackfillProgress>();

export interface BackfillResult extends DrainCounts, Days {
  readonly account: string;
  /** Windows drained to their end. */
  readonly windows: number;
  /** Windows not drained, because all their days were already complete. */
  readonly skipped: number;
  /** Always null: each window has its own cursor. */
  readonly cursor: null;
  readonly state: 'completed' | 'cancelled';
}

/** Returns one line, as "paused; 12 of 31 windows done, 4 running, 15 left; 480 pages, …". */
export function backfillLine(progress: BackfillProgress): string {
  const { state } = progress;
  return state === 'running' ? soFarLine(progress) : `${STATE_WORDS[state]}; ${soFarLine(progress)}`;
}

/** Returns one line without the state: "12 of 31 windows done, 4 running, 15 left; …; done about 14:05 UTC". */
export function soFarLine(progress: BackfillProgress): string {
  return `${windowsLine(progress.windows)}; ${countsLine(progress)}${paceLine(progress)}${waitsLine(progress)}`;
}

/** Returns Markdown for the workflow's current details. */
export function backfillDetails(progress: BackfillProgress): string {
  const { options, running, failed } = progress;
  const title = `Backfilling ${options.account}, ${daysText(options)}: ${STATE_WORDS[progress.state]}`;
  const now = running.map((window) => `- ${daysText(window)}: ${windowState(window)}`);
  const troubles = failed.slice(0, SHOWN_FAILURES).map((window) => `- ${daysText(window)} failed: ${window.reason}`);
  return [`**${title}**`, `So far: ${soFarLine(progress)}.`, [...now, ...troubles].join('\n')].join('\n\n');
}

export function backfillResultDetails(result: BackfillResult): string {
  return `**Backfilled ${result.account}, ${daysText(result)}: ${result.state}**\n\nIn total: ${resultLine(result)}.`;
}

/** Returns one line, as "31 windows drained, 2 already complete; 480 pages, …". */
export function resultLine(result: BackfillResult): string {
  return `${count(result.windows, 'window')} drained, ${result.skipped} already complete; ${countsLine(result)}`;
}

const SHOWN_FAILURES = 10;

const STATE_WORDS: Readonly<Record<BackfillState, string>> = {
  running: 'running',
  paused: 'paused',
  cancelling: 'cancelling',
  stopping: 'stopping after a refusal',
};

function windowsLine({ total, skipped, done, failed, running, left }: WindowTotals): string {
  const parts = [`${done} of ${count(total, 'window')} done`, `${running} running`, `${left} left`];
  if (skipped > 0) parts.push(`${skipped} already complete`);
  if (failed > 0) parts.push(`${failed} failed`);
  return parts.join(', ');
}

/** Returns nothing if a window waits beyond the estimated end: the pace before the wait says nothing then. */
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

/** State of a backfill after it was steered. */
export interface Steered {
  readonly state: BackfillState;
  readonly parallel: number;
}

// Clients use these too, so no `defineUpdate` of the workflow package.
export const pauseUpdate = { type: 'update', name: 'pause' } as UpdateDefinition<Steered>;
export const resumeUpdate = { type: 'update', name: 'resume' } as UpdateDefinition<Steered>;
export const cancelUpdate = { type: 'update', name: 'cancel' } as UpdateDefinition<Steered>;
export const setParallelUpdate = { type: 'update', name: 'setParallel' } as UpdateDefinition<Steered, [number]>;

/** Signal to a window: true to ask for no further page, false to continue. */
export const setPausedSignal = { type: 'signal', name: 'setPaused' } as SignalDefinition<[boolean]>;

/** Signal from a window to its backfill. */
export const windowReportSignal = { type: 'signal', name: 'windowReport' } as SignalDefinition<[RunningWindow]>;

export interface EstimateProgress {
  readonly account: string;
  readonly probes: readonly DayProbe[];
  /** Number of days to probe. */
  readonly days: number;
  readonly waiting: Wait | null;
}

export const estimateProgressQuery = progressQuery<EstimateProgress>();

/** Returns one line, as "3 of 7 days looked at". */
export function probesLine({ probes, days, waiting }: EstimateProgress): string {
  const doing = waiting === null ? '' : `; ${waitLine(waiting)}`;
  return `${probes.length} of ${days} days looked at${doing}`;
}

/** Returns Markdown for the workflow's current details. */
export function estimateDetails(progress: EstimateProgress): string {
  const { account, probes, days } = progress;
  const doing = probes.length < days ? 'Estimating' : 'Estimated';
  const lines = probes.map(({ day, rows, calls, share }) => {
    return `- ${day}: ${share < 1 ? 'at least ' : ''}${count(rows, 'row')}, ${count(calls, 'call')}`;
  });
  return [`**${doing} a backfill of ${account}: ${probesLine(progress)}**`, lines.join('\n')].join('\n\n');
}
