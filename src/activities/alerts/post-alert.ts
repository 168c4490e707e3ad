import { isMuted, retryDelayMs, type AlertState, type PostInProgress } from '../../domain/alerts/alert-record.js';
import type { AlertKey } from '../../domain/alerts/conditions.js';
import { AlertFailure } from '../../sources/alerts/alert-client.js';
import type { ActivityDependencies } from '../dependencies.js';

export type PostResult =
  | { readonly outcome: 'told'; readonly state: AlertState }
  /** No post was made: it is told or muted meanwhile, or this worker has no alert URL. */
  | { readonly outcome: 'none' }
  | {
      readonly outcome: 'failed';
      /** A few words such as "503", without the URL. */
      readonly reason: string;
      /** ISO instant of the next attempt. */
      readonly nextAt: string;
      readonly isRefusal: boolean;
      /** True if the receiver asks for no posts at all until then. */
      readonly isHold: boolean;
    };

/** Makes the post in progress about one account and code, once, and notes that it has arrived or has not. */
export async function postAlert(deps: ActivityDependencies, { account, code }: AlertKey): Promise<PostResult> {
  const { alerting, store, now } = deps;
  const key = { account, code };
  const record = await store.alerts.read(key);
  if (alerting == null || record?.post == null || isMuted(record, now())) return { outcome: 'none' };
  const { post } = record;
  const { id, state, message, since, at } = post;
  try {
    await alerting.post({ id, account, code, state, message, since, at, url: alerting.urlOf(account) });
  } catch (error) {
    if (!(error instanceof AlertFailure)) throw error;
    const failed = failureOf({ post, error, now: now() });
    await store.alerts.failed(key, { id, ...failed });
    const { isRefusal, askedForMs, message: reason } = error;
    return { outcome: 'failed', reason, nextAt: failed.nextAt.toISOString(), isRefusal, isHold: askedForMs !== null };
  }
  await store.alerts.told(key, post, now());
  return { outcome: 'told', state };
}

function failureOf(of: { post: PostInProgress; error: AlertFailure; now: Date }) {
  const { post, error, now } = of;
  const { isRefusal, askedForMs, message: trouble } = error;
  // A refusal is tried again every minute, however often, so it lengthens no later pause.
  const attempts = isRefusal ? 0 : post.attempts + 1;
  return {
    attempts,
    trouble,
    nextAt: new Date(now.getTime() + retryDelayMs({ attempts, isRefused: isRefusal, askedForMs })),
    // Only an answer of 2xx shows that the receiver takes it.
    refusedSince: post.refusedSince ?? (isRefusal ? now : null),
  };
}
