import type { LookOutcome } from '../activities/transcript-types.js';
import { progressQuery } from './progress-query.js';
import { waitLine, type Wait } from './wait.js';

/** How many looks came to what; an outcome no look came to is left out. `failed`: the look's workflow did not complete. */
export type LookCounts = Readonly<Partial<Record<LookOutcome | 'failed', number>>>;

export interface TranscriptsProgress {
  readonly account: string;
  readonly looks: LookCounts;
  readonly inFlight: number;
  readonly waiting: Wait | null;
}

export const transcriptsProgressQuery = progressQuery<TranscriptsProgress>();

export interface TranscriptsResult {
  readonly account: string;
  readonly looks: LookCounts;
}

export function countLook(looks: LookCounts, outcome: LookOutcome | 'failed'): LookCounts {
  return { ...looks, [outcome]: (looks[outcome] ?? 0) + 1 };
}

/** One line, as "240 available, 12 pending, 3 none". */
export function looksLine(looks: LookCounts): string {
  const parts = Object.entries(looks).map(([outcome, count]) => `${count.toLocaleString('en-US')} ${outcome}`);
  return parts.length === 0 ? 'none looked for yet' : parts.join(', ');
}

/** Markdown for the workflow's current details. */
export function describeTranscripts({ account, looks, inFlight, waiting }: TranscriptsProgress): string {
  const doing =
    waiting === null ? `Fetching transcripts of ${account}, ${inFlight} at once` : `${account}: ${waitLine(waiting)}`;
  return `**${doing}**\n\nSo far: ${looksLine(looks)}.`;
}

export function describeTranscriptsResult({ account, looks }: TranscriptsResult): string {
  return `**No transcript of ${account} is due**\n\nThis run: ${looksLine(looks)}.`;
}
