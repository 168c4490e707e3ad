import { log, proxyActivities, sleep, workflowInfo } from '@temporalio/workflow';
import type { WaitingPost } from '../../activities/alerts/check-alerts.js';
import type { StoreActivities } from '../../activities/store-activities.js';
import { postActivityOptions } from '../policies.js';
import { postTroubleLine, type FailedAlert } from './alerts-progress.js';

/** One post that gets no answer then does not hold up the others. */
const POSTS_AT_ONCE = 4;

/** The posts of one run. Each is about another account or code, so their order does not matter. */
export class AlertPosts {
  readonly #endsAt: number;
  readonly #onNews: () => void;
  #waiting: readonly WaitingPost[];
  #posted = 0;
  /** Instant before which the receiver wants no posts. */
  #heldUntil = 0;

  /** No post is begun after `endsAt`. `onNews` is called when another one has arrived or failed. */
  constructor(input: { posts: readonly WaitingPost[]; endsAt: number; onNews: () => void }) {
    this.#waiting = input.posts;
    this.#endsAt = input.endsAt;
    this.#onNews = input.onNews;
  }

  /** Number of posts that arrived. */
  get posted(): number {
    return this.#posted;
  }

  /** Number of posts that have not arrived yet. */
  get waiting(): number {
    return this.#waiting.length;
  }

  /** The failed attempt that is repeated first; null if none waits. */
  get failed(): FailedAlert | null {
    const [first] = this.#waiting.flatMap(({ nextAt, trouble }) => (trouble === null ? [] : [{ nextAt, trouble }]));
    return first ?? null;
  }

  /** Makes the posts when they are due, and failed ones again, until all have arrived or the time is over. */
  async make(): Promise<void> {
    for (;;) {
      const now = Date.now();
      const nextAt = Math.max(this.#heldUntil, Math.min(...this.#waiting.map(dueMs)));
      if (this.#waiting.length === 0 || Math.max(nextAt, now) > this.#endsAt || isLongEnough()) return;
      const { failed } = this;
      if (nextAt > now) {
        await sleep(nextAt - now, { summary: failed === null ? 'until a post is due' : postTroubleLine(failed) });
      }
      await this.#makeDue();
    }
  }

  async #makeDue(): Promise<void> {
    const now = Date.now();
    const due = this.#waiting.filter((post) => dueMs(post) <= now);
    const lane = async (): Promise<void> => {
      while (this.#heldUntil <= Date.now() && Date.now() <= this.#endsAt && !isLongEnough()) {
        const post = due.shift();
        if (post === undefined) return;
        const again = await this.#make(post);
        const others = this.#waiting.filter((other) => other !== post);
        this.#waiting = [...others, ...again].sort((a, b) => dueMs(a) - dueMs(b));
        this.#onNews();
      }
    };
    await Promise.all(Array.from({ length: POSTS_AT_ONCE }, lane));
  }

  /** Makes one post. Returns it with the time of the next attempt if it failed; else nothing. */
  async #make({ account, code }: WaitingPost): Promise<WaitingPost[]> {
    const { postAlert } = proxyActivities<StoreActivities>(postActivityOptions);
    const result = await postAlert({ account, code });
    if (result.outcome === 'told') this.#posted += 1;
    if (result.outcome !== 'failed') return [];
    const { reason: trouble, nextAt, isHold } = result;
    log.warn('an alert could not be posted', { account, code, trouble, nextAt });
    if (isHold) this.#heldUntil = Math.max(this.#heldUntil, Date.parse(nextAt));
    return [{ account, code, nextAt, trouble }];
  }
}

function dueMs({ nextAt }: WaitingPost): number {
  return Date.parse(nextAt);
}

/** True if the next run should make the other posts. */
function isLongEnough(): boolean {
  return workflowInfo().continueAsNewSuggested;
}
