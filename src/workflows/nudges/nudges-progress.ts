import { count } from '../../domain/count.js';
import type { NudgeCounts } from '../../domain/nudges/nudge-counts.js';
import { shownTime } from '../../domain/shown-times.js';
import { progressQuery, waitLine, type Wait } from '../progress.js';

export interface NudgesProgress extends NudgeCounts {
  readonly account: string;
  /** Number of ids that wait for a read, or for another look. */
  readonly idsWaiting: number;
  readonly idsBeingRead: number;
  /** ISO instant at which the next of the waiting ids is due; null if none waits. */
  readonly nextDueAt: string | null;
  readonly waiting: Wait | null;
}

export const nudgesProgressQuery = progressQuery<NudgesProgress>();

export interface NudgesResult extends NudgeCounts {
  readonly account: string;
}

/** Returns one line, as "12 received, 10 read, 0 dropped, 2 not shown, 0 failed". */
function nudgesLine({ received, read, dropped, notShown, failed }: NudgeCounts): string {
  const parts = [
    `${count(received)} received`,
    `${count(read)} read`,
    `${count(dropped)} dropped`,
    `${count(notShown)} not shown`,
    `${count(failed)} failed`,
  ];
  return parts.join(', ');
}

/** Returns Markdown for the workflow's current details. */
export function nudgesDetails(progress: NudgesProgress, now = new Date()): string {
  const { account, idsWaiting, idsBeingRead, nextDueAt, waiting } = progress;
  const next = nextDueAt === null ? '' : `, the next due at ${shownTime(new Date(nextDueAt), now)}`;
  const doing = waiting === null ? `${count(idsBeingRead)} being read` : waitLine(waiting, now);
  const title = `**Reading calls of webhooks for ${account}: ${doing}; ${count(idsWaiting)} waiting${next}**`;
  return `${title}\n\nSo far: ${nudgesLine(progress)}.`;
}

export function nudgesResultDetails(result: NudgesResult): string {
  return `**Read calls of webhooks for ${result.account}: none waits**\n\nIn total: ${nudgesLine(result)}.`;
}
