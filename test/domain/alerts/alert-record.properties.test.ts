import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  alertChanges,
  isMuted,
  type AlertPost,
  type AlertRecord,
  type PostInProgress,
} from '../../../src/domain/alerts/alert-record.js';
import { alertIdOf, conditionsOf, type CountedAttention } from '../../../src/domain/alerts/conditions.js';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

/** `lost`: the post arrives, but its answer does not. `crash`: it arrives, and the worker dies before it notes that. */
type Delivery = 'arrives' | 'fails' | 'lost' | 'crash';

type Step =
  | { readonly do: 'raise'; readonly late: boolean; readonly rejects: number }
  | { readonly do: 'mute'; readonly minutes: number }
  | { readonly do: 'round'; readonly afterMinutes: number; readonly deliveries: readonly Delivery[] };

type Received = Pick<AlertPost, 'id' | 'state' | 'count' | 'message'> & { readonly alert: string; readonly at: number };

/** An installation with the codes `late` and `rejects` of one account, and a receiver of its alerts. */
class Installation {
  readonly records = new Map<string, AlertRecord>();
  readonly received: Received[] = [];
  now = new Date('2025-06-09T12:00:00Z').getTime();
  late = false;
  rejects = 0;
  #ids = 0;

  take(step: Step): void {
    if (step.do === 'raise') Object.assign(this, { late: step.late, rejects: step.rejects });
    if (step.do === 'mute') this.#mute(step.minutes);
    if (step.do === 'round') {
      this.now += step.afterMinutes * MINUTE;
      this.#round(step.deliveries);
    }
  }

  #conditions(): CountedAttention[] {
    const about = { account: 'acme', since: null };
    return [
      ...(this.late ? [{ ...about, code: 'late' as const, message: 'not caught up', count: null }] : []),
      ...(this.rejects > 0
        ? [{ ...about, code: 'rejects' as const, message: `${this.rejects}`, count: this.rejects }]
        : []),
    ];
  }

  #mute(minutes: number): void {
    const mutedUntil = minutes === 0 ? null : new Date(this.now + minutes * MINUTE);
    for (const code of ['late', 'rejects'] as const) {
      const key = { account: 'acme', code };
      const untold = { state: 'resolved', message: null, since: null, told: null, toldAt: null, post: null } as const;
      this.records.set(alertIdOf(key), { ...key, ...untold, ...this.records.get(alertIdOf(key)), mutedUntil });
    }
  }

  #round(deliveries: readonly Delivery[]): void {
    const now = new Date(this.now);
    const records = [...this.records.values()];
    const newId = (): string => `id-${(this.#ids += 1)}`;
    for (const change of alertChanges({ conditions: conditionsOf(this.#conditions()), records, now, newId })) {
      const before = this.records.get(alertIdOf(change));
      const unset = { told: null, toldAt: null, mutedUntil: null };
      this.records.set(alertIdOf(change), {
        ...unset,
        ...before,
        ...change,
        post: change.post ?? before?.post ?? null,
      });
    }
    const waiting = [...this.records.values()].filter((record) => !isMuted(record, now));
    waiting.forEach(({ post, ...record }, index) => {
      if (post !== null) this.#deliver(record, post, deliveries[index] ?? 'arrives');
    });
  }

  #deliver(record: Omit<AlertRecord, 'post'>, post: PostInProgress, delivery: Delivery): void {
    const { id, state, count, message } = post;
    const alert = alertIdOf(record);
    if (delivery !== 'fails') this.received.push({ id, state, count, message, alert, at: this.now });
    const toldAt = new Date(this.now);
    if (delivery === 'arrives')
      this.records.set(alert, { ...record, told: { state, count }, toldAt, message, post: null });
    else if (delivery !== 'crash')
      this.records.set(alert, { ...record, post: { ...post, attempts: post.attempts + 1 } });
  }
}

const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({ do: fc.constant('raise' as const), late: fc.boolean(), rejects: fc.integer({ min: 0, max: 3 }) }),
  fc.record({ do: fc.constant('mute' as const), minutes: fc.constantFrom(0, 1, 30, 90) }),
  fc.record({
    do: fc.constant('round' as const),
    afterMinutes: fc.constantFrom(1, 1, 1, 45, 70),
    deliveries: fc.array(fc.constantFrom<Delivery>('arrives', 'fails', 'lost', 'crash'), { maxLength: 2 }),
  }),
);
const steps = fc.array(step, { maxLength: 40 });

function after(taken: readonly Step[]): Installation {
  const installation = new Installation();
  for (const each of taken) installation.take(each);
  return installation;
}

/** Returns the posts of one alert, each once. */
function distinct({ received }: Installation, alert: string): Received[] {
  return received.filter(
    (post, index) => post.alert === alert && received.findIndex(({ id }) => id === post.id) === index,
  );
}

describe('the posts about one account and code', () => {
  it('alternate between raised and resolved', () => {
    fc.assert(
      fc.property(steps, (taken) => {
        const states = distinct(after(taken), 'acme/late').map(({ state }) => state);
        expect(states).toEqual(states.map((_, index) => (index % 2 === 0 ? 'raised' : 'resolved')));
      }),
    );
  });

  it('raise rejects again only if there are more, an hour later, and resolve them once', () => {
    fc.assert(
      fc.property(steps, (taken) => {
        const posts = distinct(after(taken), 'acme/rejects');
        for (const [index, post] of posts.entries()) {
          const before = posts[index - 1];
          if (post.state === 'resolved') expect(before?.state).toBe('raised');
          else if (before?.state === 'raised') {
            expect(post.count).toBeGreaterThan(before.count ?? Infinity);
            expect(post.at - before.at).toBeGreaterThanOrEqual(HOUR);
          }
        }
      }),
    );
  });

  it('have one id for each change: its repetitions are equal, and no other post is between them', () => {
    fc.assert(
      fc.property(steps, (taken) => {
        const { received } = after(taken);
        for (const alert of ['acme/late', 'acme/rejects']) {
          const posts = received.filter((post) => post.alert === alert).map(({ at: _, ...post }) => post);
          const changes = posts.filter((post, index) => post.id !== posts[index - 1]?.id);
          expect(new Set(changes.map(({ id }) => id)).size).toBe(changes.length);
          expect(new Set(posts.map((post) => JSON.stringify(post))).size).toBe(changes.length);
        }
      }),
    );
  });

  it('are not made during a mute', () => {
    fc.assert(
      fc.property(steps, fc.boolean(), fc.integer({ min: 0, max: 3 }), (taken, late, rejects) => {
        const installation = after(taken);
        installation.take({ do: 'mute', minutes: 30 });
        const { length } = installation.received;
        installation.take({ do: 'raise', late, rejects });
        for (let minute = 1; minute < 30; minute += 1)
          installation.take({ do: 'round', afterMinutes: 1, deliveries: [] });
        expect(installation.received).toHaveLength(length);
      }),
    );
  });

  it('end with what is true, once nothing is muted and the receiver answers', () => {
    fc.assert(
      fc.property(steps, (taken) => {
        const installation = after(taken);
        installation.take({ do: 'mute', minutes: 0 });
        for (let round = 0; round < 3; round += 1) installation.take({ do: 'round', afterMinutes: 70, deliveries: [] });

        const last = (alert: string) => distinct(installation, alert).at(-1);
        expect(last('acme/late')?.state === 'raised').toBe(installation.late);
        expect(last('acme/rejects')?.state === 'raised').toBe(installation.rejects > 0);
        const { length } = installation.received;
        installation.take({ do: 'round', afterMinutes: 70, deliveries: [] });
        expect(installation.received).toHaveLength(length);
      }),
    );
  });
});
