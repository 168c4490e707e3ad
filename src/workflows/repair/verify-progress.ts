import { count } from '../../domain/count.js';
import type { VerifySummary } from '../../activities/repair/verify-types.js';
import { progressQuery } from '../progress-query.js';
import { waitLine, type Wait } from '../wait.js';

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

export interface VerifyResult extends VerifyCounts, VerifySummary {
  readonly account: string;
  readonly from: string;
  readonly to: string;
  readonly repair: boolean;
}

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
