import type { SignalDefinition } from '@temporalio/common';
import { count } from '../../domain/count.js';
import { shownTime } from '../../domain/shown-times.js';
import type { HeldLane } from '../../activities/transcripts/transcript-holds.js';
import type { LookReport } from '../../activities/transcripts/look.js';
import { progressQuery, untilLine, waitLine, type Wait } from '../progress.js';

/** Number of looks by outcome; outcomes without looks are left out. `failed`: the look's workflow did not complete. */
export type LookCounts = Readonly<Partial<Record<LookReport | 'failed', number>>>;

export interface TranscriptsProgress {
  readonly account: string;
  readonly looks: LookCounts;
  readonly inFlight: number;
  readonly waiting: Wait | null;
  /** ISO instant of the next look, until which the run sleeps; null if it does not. */
  readonly nextLook: string | null;
  /** Lanes on hold, which the last claim skipped. */
  readonly rests: readonly HeldLane[];
}

export const transcriptsProgressQuery = progressQuery<TranscriptsProgress>();

/** Signal with the ISO instant at which a look is due. Clients use it too, so it is defined without `defineSignal`. */
export const lookSignal = { type: 'signal', name: 'look' } as SignalDefinition<[string]>;

export interface TranscriptsResult {
  readonly account: string;
  readonly looks: LookCounts;
  /** Lanes on hold, whose calls were not asked for even if they were due. */
  readonly rests: readonly HeldLane[];
}

/** Adds one look. */
export function countLook(looks: LookCounts, outcome: LookReport | 'failed'): LookCounts {
  return { ...looks, [outcome]: (looks[outcome] ?? 0) + 1 };
}

/** Returns one line, as "240 available, 12 pending, 3 none". */
export function looksLine(looks: LookCounts): string {
  const parts = Object.entries(looks).map(([outcome, calls]) => `${count(calls)} ${outcome}`);
  return parts.length === 0 ? 'no looks yet' : parts.join(', ');
}

/** Returns one line, as "old calls on hold until 10:42 UTC (…)"; empty if no lane is on hold. */
export function heldLanesLine(lanes: readonly HeldLane[], now = new Date()): string {
  return lanes.map((held) => `${held.lane} calls on hold ${untilLine(held, now)}`).join(', ');
}

/** Returns Markdown for the workflow's current details. */
export function transcriptsDetails(progress: TranscriptsProgress): string {
  const { account, looks, rests } = progress;
  const title = `**Fetching due transcripts of ${account}: ${doingLine(progress)}**`;
  return [title, `So far: ${looksLine(looks)}.`, ...skippedPart(rests)].join('\n\n');
}

/** Returns "12 in progress", "next look at 10:42 UTC" or "waiting until 10:42 UTC (…)". */
export function doingLine(progress: TranscriptsProgress, now = new Date()): string {
  const { inFlight, waiting, nextLook } = progress;
  if (waiting !== null) return waitLine(waiting, now);
  return nextLook === null ? `${inFlight} in progress` : `next look at ${shownTime(new Date(nextLook), now)}`;
}

export function transcriptsResultDetails({ account, looks, rests }: TranscriptsResult): string {
  const outcome = rests.length === 0 ? 'none left' : 'none left except in lanes on hold';
  const title = `**Fetched due transcripts of ${account}: ${outcome}**`;
  return [title, `In total: ${looksLine(looks)}.`, ...skippedPart(rests)].join('\n\n');
}

function skippedPart(lanes: readonly HeldLane[]): string[] {
  return lanes.length === 0 ? [] : [`Skipped: ${heldLanesLine(lanes)}.`];
}
