import { count } from '../../domain/count.js';
import { shownTime } from '../../domain/shown-times.js';
import type { WaitingPost } from '../../activities/alerts/check-alerts.js';
import type { HeartbeatOutcome } from '../../activities/alerts/send-alert-heartbeat.js';

/** Counts of one run. `off`: the worker has no alert URL. */
export type AlertsResult =
  | { readonly outcome: 'off' }
  | {
      readonly outcome: 'checked';
      /** Number of alerts about conditions that need a person now. */
      readonly raised: number;
      /** Number of posts that wait for the end of a mute. */
      readonly muted: number;
      /** Number of posts that arrived. */
      readonly posted: number;
      /** Number of posts that have not arrived yet. */
      readonly waiting: number;
      /** Null if there were posts to make first that have not arrived. */
      readonly heartbeat: HeartbeatOutcome | null;
    };

/** A post that failed and is tried again. */
export type FailedAlert = Pick<WaitingPost, 'nextAt'> & { readonly trouble: string };

/** Returns one line, as "posting to the alert URL: 503, next try 10:42 UTC". */
export function postTroubleLine({ trouble, nextAt }: FailedAlert, now = new Date()): string {
  return `posting to the alert URL: ${trouble}, next try ${shownTime(new Date(nextAt), now)}`;
}

/** Returns Markdown for the workflow's current details. */
export function alertsDetails(result: AlertsResult, failed: FailedAlert | null): string {
  if (result.outcome === 'off') {
    return '**Nobody is told: this worker has no CALLWEAVE_ALERT_URL.** Set it for every worker; or unset it everywhere and run `callweave schedule apply`, which removes the schedule.';
  }
  const { raised, muted, posted, waiting, heartbeat } = result;
  const parts = [
    `${count(raised, 'alert')} raised`,
    `${count(posted)} posted now`,
    `${count(waiting)} waiting`,
    ...(muted > 0 ? [`${count(muted)} muted`] : []),
  ];
  const beat = heartbeat === 'failed' ? '\n\nThe heartbeat URL did not answer with 2xx.' : '';
  const waits = failed === null ? '' : `\n\n${postTroubleLine(failed)}`;
  return `**${parts.join(', ')}**${waits}${beat}`;
}
