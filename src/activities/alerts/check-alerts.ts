import { randomUUID } from 'node:crypto';
import { alertChanges, isMuted } from '../../domain/alerts/alert-record.js';
import { conditionsOf, type AlertKey } from '../../domain/alerts/conditions.js';
import { withoutSecrets } from '../../process/secrets.js';
import type { ActivityDependencies } from '../dependencies.js';
import { withHeartbeat } from '../requests/heartbeat.js';
import { sendAlertHeartbeat, type HeartbeatOutcome } from './send-alert-heartbeat.js';

/** A post that has not arrived yet. */
export interface WaitingPost extends AlertKey {
  /** ISO instant of the next attempt. */
  readonly nextAt: string;
  /** Reason of the last failed attempt in a few words, such as "503"; null if there was none. */
  readonly trouble: string | null;
}

/** The posts to make, without any text of theirs; `off` if this worker has no alert URL. */
export type AlertRound =
  | { readonly outcome: 'off' }
  | {
      readonly outcome: 'checked';
      /** Number of alerts about conditions that need a person now. */
      readonly raised: number;
      /** Number of posts that wait for the end of a mute. */
      readonly muted: number;
      /** Posts to make, the one due first at the beginning. */
      readonly posts: readonly WaitingPost[];
      /** Null if there are posts to make first. */
      readonly heartbeat: HeartbeatOutcome | null;
    };

/**
 * Compares what needs a person with what was told, and notes the posts to make before the first of them is made: so a
 * post that is repeated after a crash has the same id. If there is none, sends the heartbeat.
 */
export async function checkAlerts(deps: ActivityDependencies): Promise<AlertRound> {
  const { alerting, store, now } = deps;
  if (alerting == null) return { outcome: 'off' };
  return withHeartbeat(async () => {
    const attention = await alerting.readAttention();
    const conditions = conditionsOf(attention).map((each) => ({ ...each, message: withoutSecrets(each.message) }));
    const known = await store.alerts.list();
    const at = now();
    const changes = alertChanges({ conditions, records: known, now: at, newId: randomUUID });
    for (const change of changes) await store.alerts.note(change);

    const records = changes.length === 0 ? known : await store.alerts.list();
    const unposted = records.flatMap(({ account, code, post, mutedUntil }) =>
      post === null ? [] : [{ account, code, ...post, isMuted: isMuted({ mutedUntil }, at) }],
    );
    const posts = unposted
      .filter((post) => !post.isMuted)
      .sort((a, b) => a.nextAt.getTime() - b.nextAt.getTime())
      .map(({ account, code, nextAt, trouble }) => ({ account, code, nextAt: nextAt.toISOString(), trouble }));
    const heartbeat = posts.length === 0 ? await sendAlertHeartbeat(deps) : null;
    const counts = { raised: conditions.length, muted: unposted.length - posts.length };
    return { outcome: 'checked', ...counts, posts, heartbeat };
  });
}
