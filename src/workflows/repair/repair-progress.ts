import { count } from '../../domain/count.js';
import type { VerifySummary } from '../../activities/repair/gone-calls.js';
import { daysText } from '../ids.js';
import { progressQuery, waitLine, type Wait } from '../progress.js';

export interface VerifyCounts {
  readonly pages: number;
  readonly rows: number;
  /** Calls that are not stored. While it runs, a call on two pages may count twice, here and in `stale`. */
  readonly missing: number;
  /** Calls whose document differs from what the source's rows make. */
  readonly stale: number;
}

interface GoneCount {
  /** Calls that the source no longer shows; null, or left out, if that is not known. */
  readonly gone?: number | null;
}

export const NOTHING_VERIFIED: VerifyCounts = { pages: 0, rows: 0, missing: 0, stale: 0 };

export interface VerifyProgress extends VerifyCounts {
  readonly account: string;
  readonly from: string;
  readonly to: string;
  readonly repair: boolean;
  readonly waiting: Wait | null;
}

export const verifyProgressQuery = progressQuery<VerifyProgress>();

export interface VerifyResult extends VerifySummary, Omit<VerifyProgress, 'waiting'> {}

/** Returns one line, as "12 pages, 5,812 rows: 3 calls missing, 1 stale, 2 gone". */
export function verifyCountsLine({ pages, rows, missing, stale, gone = null }: VerifyCounts & GoneCount): string {
  const found = `${count(missing, 'call')} missing, ${count(stale)} stale`;
  const differences = (gone ?? 0) > 0 ? `${found}, ${count(gone ?? 0)} gone` : found;
  const none = missing + stale + (gone ?? 0) === 0;
  return `${count(pages, 'page')}, ${count(rows, 'row')}: ${none ? 'no differences' : differences}`;
}

/** Returns Markdown for the workflow's current details. Without `doing`, a page is being read. */
export function verifyDetails(progress: VerifyProgress, doing = `page ${progress.pages + 1}`): string {
  const { account, from, to, waiting, repair } = progress;
  const title = `${repair ? 'Repairing' : 'Verifying'} ${account}, ${daysText({ from, to })}`;
  return `**${title}: ${waiting === null ? doing : waitLine(waiting)}**\n\nSo far: ${verifyCountsLine(progress)}.`;
}

/** Returns the number of calls that still differ. A repair leaves those that are gone as they are. */
export function differencesLeft({ missing, stale, repaired, gone }: VerifyResult): number {
  return missing + stale - repaired + (gone ?? 0);
}

export function verifyResultDetails(result: VerifyResult): string {
  const { account, from, to, repair, repaired } = result;
  const left = differencesLeft(result);
  const title = `${repair ? 'Repaired' : 'Verified'} ${account}, ${daysText({ from, to })}`;
  const outcome = left === 0 ? 'no differences' : count(left, 'difference');
  const counts = `${verifyCountsLine(result)}${repair ? `; ${count(repaired)} repaired` : ''}`;
  const unknown = result.goneReason === null ? '' : `\n\n${goneUnknownLine(result.goneReason)}`;
  return `**${title}: ${outcome}${repair ? ' left' : ''}**\n\nIn total: ${counts}.${unknown}`;
}

/** Returns one line for a verification that cannot know which calls are gone. */
export function goneUnknownLine(reason: string): string {
  return `Calls that the source no longer shows were not counted: ${reason}.`;
}

export interface RemergeProgress {
  readonly account: string;
  /** Inclusive days; null for all calls. */
  readonly from: string | null;
  readonly to: string | null;
  /** Calls that were recomputed. */
  readonly calls: number;
  /** Documents written because they changed. */
  readonly changed: number;
}

export const remergeProgressQuery = progressQuery<RemergeProgress>();

/** Returns one line, as "12,000 calls recomputed, 31 changed". */
export function remergeLine({ calls, changed }: RemergeProgress): string {
  return `${count(calls, 'call')} recomputed, ${count(changed)} changed`;
}

/** Returns Markdown for the workflow's current details. */
export function remergeDetails(progress: RemergeProgress, state: 'Remerging' | 'Remerged'): string {
  const { account, from, to } = progress;
  const days = from === null || to === null ? 'all calls' : daysText({ from, to });
  const label = state === 'Remerging' ? 'So far' : 'In total';
  return `**${state} ${account}, ${days}**\n\n${label}: ${remergeLine(progress)}.`;
}

export interface RefreshProgress {
  readonly account: string;
  /** Id of the call or of one of its transactions, as it was asked for. */
  readonly id: string;
  readonly rows: number;
  readonly waiting: Wait | null;
}

export const refreshProgressQuery = progressQuery<RefreshProgress>();

export interface RefreshResult {
  readonly account: string;
  /** Null if the source knows neither a call nor a transaction with the id. */
  readonly callId: string | null;
  readonly rows: number;
  /** Number of rows that could not be merged into the call. */
  readonly rejects: number;
}

/** Returns one line, as "refreshing 7F3A-1C9E5B20D4A8, 3 rows read". */
export function refreshLine({ id, rows, waiting }: RefreshProgress): string {
  return `refreshing ${id}, ${count(rows, 'row')} read${waiting === null ? '' : `; ${waitLine(waiting)}`}`;
}

/** Returns Markdown for the workflow's current details. */
export function refreshDetails({ account, id, rows, waiting }: RefreshProgress): string {
  const doing = waiting === null ? `${count(rows, 'row')} read` : waitLine(waiting);
  return `**Refreshing ${account}, ${id}: ${doing}**`;
}

export function refreshResultDetails({ account, callId, rows, rejects }: RefreshResult, id: string): string {
  const read = `${count(rows, 'row')} read, ${count(rejects, 'reject')}`;
  return `**Refreshed ${account}, ${id}: ${callId === null ? 'the source does not know this id' : read}**`;
}
