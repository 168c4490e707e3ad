import { count } from '../../domain/count.js';
import type { HeldLane } from '../../activities/transcripts/transcript-holds.js';
import type { LookReport } from '../../activities/transcripts/look.js';
import { progressQuery, untilLine, waitLine, type Wait } from '../progress.js';

/**
 * How many looks came to what; an outcome no look came to is left out. `failed`: the look's workflow did not complete.
 */
export type LookCounts = Readonly<Partial<Record<LookReport | 'failed', number>>>;

export interface TranscriptsProgress {
  readonly account: string;
  readonly looks: LookCounts;
  readonly inFlight: number;
  readonly waiting: Wait | null;
  /** Lanes that were left out of the last claim. */
  readonly rests: readonly HeldLane[];
}

export const transcriptsProgressQuery = progressQuery<TranscriptsProgress>();

export interface TranscriptsResult {
  readonly account: string;
  readonly looks: LookCounts;
  /** Lanes of which none was asked for, due or not. */
  readonly rests: readonly HeldLane[];
}

export function countLook(looks: LookCounts, outcome: LookReport | 'failed'): LookCounts {
  return { ...looks, [outcome]: (looks[outcome] ?? 0) + 1 };
}

/** One line, as "240 available, 12 pending, 3 none". */
export function looksLine(looks: LookCounts): string {
  const parts = Object.entries(looks).map(([outcome, calls]) => `${count(calls)} ${outcome}`);
  return parts.length === 0 ? 'none looked for yet' : parts.join(', ');
}

/** One line, as "old calls on hold until 10:42 UTC (…)"; empty where no lane is held. */
export function heldLanesLine(lanes: readonly HeldLane[], now = new Date()): string {
  return lanes.map((held) => `${held.lane} calls on hold ${untilLine(held, now)}`).join(', ');
}

/** Markdown for the workflow's current details. */
export function transcriptsDetails({ account, looks, inFlight, waiting, rests }: TranscriptsProgress): string {
  const doing =
    waiting === null ? `Fetching transcripts of ${account}, ${inFlight} at once` : `${account}: ${waitLine(waiting)}`;
  return [`**${doing}**`, ...leftOutPart(rests), `So far: ${looksLine(looks)}.`].join('\n\n');
}

export function transcriptsResultDetails({ account, looks, rests }: TranscriptsResult): string {
  const is = rests.length === 0 ? 'is due' : 'is asked for now';
  return [`**No transcript of ${account} ${is}**`, ...leftOutPart(rests), `This run: ${looksLine(looks)}.`].join(
    '\n\n',
  );
}

function leftOutPart(lanes: readonly HeldLane[]): string[] {
  return lanes.length === 0 ? [] : [`Left out: ${heldLanesLine(lanes)}.`];
}
