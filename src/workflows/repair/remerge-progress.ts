import { count } from '../../domain/count.js';
import { progressQuery } from '../progress-query.js';

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
