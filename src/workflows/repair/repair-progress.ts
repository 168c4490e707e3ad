import { count } from '../../domain/count.js';
import type { VerifySummary } from '../../activities/repair/verify-page.js';
import { progressQuery, waitLine, type Wait } from '../progress.js';

export interface VerifyCounts {
  readonly pages: number;
  readonly rows: number;
  /** Calls not stored; while it runs a call that is on two pages may count twice, here and in `stale`. */
  readonly missing: number;
  /** Calls whose document is not what its rows make. */
  readonly stale: number;
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

/** One line, as "12 pages, 5,812 rows: 3 calls missing, 1 stale". */
export function verifyCountsLine({ pages, rows, missing, stale }: VerifyCounts): string {
  const found = missing + stale === 0 ? 'no difference' : `${count(missing, 'call')} missing, ${stale} stale`;
  return `${count(pages, 'page')}, ${count(rows, 'row')}: ${found}`;
}

/** Markdown for the workflow's current details. */
export function verifyDetails(progress: VerifyProgress): string {
  const { account, from, to, pages, waiting, repair } = progress;
  const verifying = `${repair ? 'Repairing' : 'Verifying'} ${account} from ${from} to ${to}, page ${pages + 1}`;
  const doing = waiting === null ? verifying : `${account}: ${waitLine(waiting)}`;
  return `**${doing}**\n\nSo far: ${verifyCountsLine(progress)}.`;
}

/** Calls that still differ. */
export function differencesLeft({ missing, stale, repaired }: VerifyResult): number {
  return missing + stale - repaired;
}

export function verifyResultDetails(result: VerifyResult): string {
  const { account, from, to, repaired } = result;
  const left = differencesLeft(result);
  const outcome = left === 0 ? 'is as the source says' : `differs from the source in ${count(left, 'call')}`;
  return `**${account} ${outcome}, ${from} to ${to}**\n\n${verifyCountsLine(result)}; ${repaired} repaired.`;
}

export interface RemergeProgress {
  readonly account: string;
  /** Inclusive days; null for all calls. */
  readonly from: string | null;
  readonly to: string | null;
  /** Computed anew. */
  readonly calls: number;
  /** Of those, written because they said something else. */
  readonly changed: number;
}

export const remergeProgressQuery = progressQuery<RemergeProgress>();

/** One line, as "12,000 calls computed anew, 31 changed". */
export function remergeLine({ calls, changed }: RemergeProgress): string {
  return `${count(calls, 'call')} computed anew, ${count(changed)} changed`;
}

/** Markdown for the workflow's current details. */
export function remergeDetails(progress: RemergeProgress, state: 'Remerging' | 'Remerged'): string {
  const { account, from, to } = progress;
  const days = from === null || to === null ? 'all calls' : `calls from ${from} to ${to}`;
  return `**${state} ${days} of ${account}**\n\n${remergeLine(progress)}.`;
}

export interface RefreshProgress {
  readonly account: string;
  /** Of the call or of one of its transactions, as it was asked for. */
  readonly id: string;
  readonly rows: number;
  readonly waiting: Wait | null;
}

export const refreshProgressQuery = progressQuery<RefreshProgress>();

export interface RefreshResult {
  readonly account: string;
  /** Null where the source knows neither a call nor a transaction of the id. */
  readonly callId: string | null;
  readonly rows: number;
  /** How many of the rows could not be made part of the call. */
  readonly rejects: number;
}

/** One line, as "reading 7F3A-1C9E5B20D4A8 again, 3 rows". */
export function refreshLine({ id, rows, waiting }: RefreshProgress): string {
  return `reading ${id} again, ${count(rows, 'row')}${waiting === null ? '' : `; ${waitLine(waiting)}`}`;
}

/** Markdown for the workflow's current details. */
export function refreshDetails(progress: RefreshProgress): string {
  return `**${progress.account}: ${refreshLine(progress)}**`;
}
