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
  const [schedule, stuck, refused] = await Promise.all([
    shownAlertSchedule(client),
    stuckAlerts(client),
    store.alerts.refused(),
  ]);
  const stuckRuns = stuck.map((run) => ({
    account: null,
    code: 'stuck-run' as const,
    message: stuckRunMessage(run),
    since: run.since,
  }));
  return [...idleSchedule(schedule), ...stuckRuns, ...refusedPosts(refused)];
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

function refusedPosts(posts: readonly PostInProgress[]): Attention[] {
  const since = earliestRefusal(posts);
  if (since === null) return [];
  return [{ account: null, code: 'alerts-refused', message: `${refusedFinding(posts)}. ${REFUSED_ADVICE}`, since }];
}

export const REFUSED_ADVICE =
  'Check CALLWEAVE_ALERT_URL and CALLWEAVE_ALERT_FORMAT, and try them with `callweave alerts test`. The posts are tried again every minute';

/** Returns what is refused and how, as "the alert URL refuses 2 posts (404)". */
export function refusedFinding(posts: readonly PostInProgress[]): string {
  const answers = [...new Set(posts.map(({ trouble }) => trouble ?? 'unknown'))].join(', ');
  return `the alert URL refuses ${count(posts.length, 'post')} (${answers})`;
}

function earliestRefusal(posts: readonly PostInProgress[]): Date | null {
  const instants = posts.flatMap(({ refusedSince }) => refusedSince?.getTime() ?? []);
  return instants.length === 0 ? null : new Date(Math.min(...instants));
}
