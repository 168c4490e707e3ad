import type { Client } from '@temporalio/client';
import { count } from '../../domain/count.js';
import type { Attention } from '../../domain/alerts/attention.js';
import type { PostInProgress } from '../../domain/alerts/alert-record.js';
import type { Store } from '../../store/store.js';
import { stuckAlerts } from '../../temporal/runs/open-runs.js';
import { stuckRunMessage } from '../../temporal/runs/run-state.js';
import { shownAlertSchedule, type ShownSchedule } from '../schedules.js';

/** Lists what is wrong with the alerts themselves, while an alert URL is set. */
export async function alertsAttention({ client, store }: { client: Client; store: Store }): Promise<Attention[]> {
  const [schedule, stuck, posts] = await Promise.all([
    shownAlertSchedule(client),
    stuckAlerts(client),
    postsNotTaken(store),
  ]);
  const stuckRuns = stuck.map((run) => ({
    account: null,
    code: 'stuck-run' as const,
    message: stuckRunMessage(run),
    since: run.since,
  }));
  return [...idleSchedule(schedule), ...stuckRuns, ...notTakenRaised(posts)];
}

function idleSchedule({ scheduleId, state, note }: ShownSchedule): Attention[] {
  const about = { account: null, since: null };
  switch (state) {
    case 'active':
      return [];
    case 'missing': {
      const message = `the schedule ${scheduleId} is missing, so nobody is told what needs a person; create it with \`callweave schedule apply\``;
      return [{ ...about, code: 'schedule-missing', message }];
    }
    case 'paused': {
      const why = note === null || note === '' ? '' : ` (${note})`;
      const message = `the schedule ${scheduleId} is paused${why}, so nobody is told what needs a person; \`callweave schedule resume\` resumes it with all others`;
      return [{ ...about, code: 'schedule-paused', message }];
    }
  }
}

/** Time that a receiver may be away before a person is to know. A refusal counts at once. */
const PATIENCE_MS = 10 * 60_000;

/** Returns posts that need a person: refused ones, and those that the receiver has not taken for ten minutes. */
export function postsNotTaken({ alerts }: Pick<Store, 'alerts'>): Promise<PostInProgress[]> {
  return alerts.notTaken({ since: new Date(Date.now() - PATIENCE_MS) });
}

function notTakenRaised(posts: readonly PostInProgress[]): Attention[] {
  if (posts.length === 0) return [];
  const since = new Date(Math.min(...posts.map(({ refusedSince, at }) => (refusedSince ?? at).getTime())));
  const message = `${notTakenFinding(posts)}. ${NOT_TAKEN_ADVICE}`;
  return [{ account: null, code: 'alerts-refused', message, since }];
}

export const NOT_TAKEN_ADVICE =
  'Check CALLWEAVE_ALERT_URL and CALLWEAVE_ALERT_FORMAT, and try them with `callweave alerts test`. The posts are tried again ' +
  'until they arrive';

/** Returns what was not taken and why, as "the alert URL does not take 2 posts (404)". */
export function notTakenFinding(posts: readonly PostInProgress[]): string {
  const answers = [...new Set(posts.map(({ trouble }) => trouble ?? 'unknown'))].join(', ');
  return `the alert URL does not take ${count(posts.length, 'post')} (${answers})`;
}
