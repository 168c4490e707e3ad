import { proxyActivities, setCurrentDetails } from '@temporalio/workflow';
import type { StoreActivities } from '../../activities/store-activities.js';
import { checkActivityOptions, postActivityOptions } from '../policies.js';
import { AlertPosts } from './alert-posts.js';
import { alertsDetails, type AlertsResult } from './alerts-progress.js';

/** Time for posts, so that a run ends before the next one looks again what needs a person. */
const POSTS_MS = 40_000;

export interface AlertsInput {
  readonly postsMs?: number;
}

/**
 * Tells the receiver of alerts what needs a person, and what no longer does. A run is short: a post that has not
 * arrived is noted in MongoDB, and the next run, a minute later, continues with it. No text of an alert comes here.
 */
export async function alerts({ postsMs = POSTS_MS }: AlertsInput = {}): Promise<AlertsResult> {
  const { checkAlerts } = proxyActivities<StoreActivities>(checkActivityOptions);
  const round = await checkAlerts();
  if (round.outcome === 'off') return ended(round);
  const { posts, ...counts } = round;
  if (posts.length === 0) return ended({ ...counts, posted: 0, waiting: 0 });

  const made = new AlertPosts({
    posts,
    endsAt: Date.now() + postsMs,
    onNews: () => {
      setCurrentDetails(alertsDetails(soFar(), made.failed));
    },
  });
  const soFar = (): AlertsResult => ({ ...counts, posted: made.posted, waiting: made.waiting });
  await made.make();
  if (made.waiting > 0) return ended(soFar(), made);
  const { sendAlertHeartbeat } = proxyActivities<StoreActivities>(postActivityOptions);
  return ended({ ...counts, posted: made.posted, waiting: 0, heartbeat: await sendAlertHeartbeat() });
}

function ended(result: AlertsResult, made: Pick<AlertPosts, 'failed'> | null = null): AlertsResult {
  setCurrentDetails(alertsDetails(result, made?.failed ?? null));
  return result;
}
