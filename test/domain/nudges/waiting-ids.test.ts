import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { NudgedIds } from '../../../src/domain/nudges/nudged-ids.js';
import { NO_NEWS } from '../../../src/domain/nudges/nudge-counts.js';
import { WaitingIds, type WaitingId, type WaitingIdsState } from '../../../src/domain/nudges/waiting-ids.js';

const SECOND = 1_000;

function calls(...callIds: string[]): NudgedIds {
  return { callIds, transactionIds: [] };
}

function transactions(...transactionIds: string[]): NudgedIds {
  return { callIds: [], transactionIds };
}

function take(ids: WaitingIds, second: number): WaitingId {
  const entry = ids.takeDue(second * SECOND);
  if (entry === null) throw new Error(`nothing is due at ${second} s, but at ${ids.nextDueAt()} ms`);
  return entry;
}

describe('WaitingIds', () => {
  it('makes an id due 2 s after its last mention, at most 10 s after the first', () => {
    const ids = new WaitingIds();
    ids.mention(calls('A'), 0);
    expect(ids.nextDueAt()).toBe(2 * SECOND);
    for (const second of [1, 2.5, 4, 6, 7.5]) ids.mention(calls('A'), second * SECOND);
    expect(ids.nextDueAt()).toBe(9.5 * SECOND);
    ids.mention(calls('A'), 9 * SECOND);
    expect(ids.nextDueAt()).toBe(10 * SECOND);

    expect(ids.takeDue(9_999)).toBeNull();
    ids.shown(take(ids, 10));
    expect(ids.nextDueAt()).toBeNull();
    expect(ids.counts).toEqual({ ...NO_NEWS, received: 7, read: 1 });
  });

  it('reads a call once more if it is mentioned while it is read', () => {
    const ids = new WaitingIds();
    ids.mention(calls('A'), 0);
    const first = take(ids, 2);
    for (const second of [3, 4]) ids.mention(calls('A'), second * SECOND);
    expect(ids.nextDueAt()).toBeNull();
    ids.shown(first);

    expect(ids.nextDueAt()).toBe(6 * SECOND);
    ids.shown(take(ids, 6));
    expect(ids.counts).toMatchObject({ received: 3, read: 2 });
  });

  it('looks again 15 s, 1 min and 5 min after the first look, then leaves the id to the drain', () => {
    const ids = new WaitingIds();
    ids.mention(calls('A'), 0);
    for (const second of [2, 17, 62, 302]) {
      expect(ids.nextDueAt()).toBe(second * SECOND);
      ids.notShown(take(ids, second));
      expect(ids.counts).toEqual({ ...NO_NEWS, received: 1, notShown: 1, missed: 1 });
    }
    expect(ids.nextDueAt()).toBeNull();
  });

  it('counts an id as read, and no longer as not shown, as soon as a look shows it', () => {
    const ids = new WaitingIds();
    ids.mention(calls('A'), 0);
    ids.notShown(take(ids, 2));
    ids.shown(take(ids, 17));

    expect(ids.counts).toEqual({ ...NO_NEWS, received: 1, read: 1, missed: 1 });
  });

  it('begins the looks again if the id is mentioned between them, and skips those that a long wait has passed', () => {
    const ids = new WaitingIds();
    ids.mention(calls('A'), 0);
    ids.notShown(take(ids, 2));
    ids.mention(calls('A'), 10 * SECOND);
    expect(ids.nextDueAt()).toBe(12 * SECOND);
    ids.notShown(take(ids, 12));
    expect(ids.nextDueAt()).toBe(27 * SECOND);

    ids.putBack(take(ids, 27));
    ids.notShown(take(ids, 100));
    expect(ids.nextDueAt()).toBe(312 * SECOND);
    expect(ids.counts).toMatchObject({ received: 2, notShown: 1, missed: 1 });
  });

  it('lets a transaction join its call, and counts both', () => {
    const ids = new WaitingIds();
    ids.mention(transactions('T'), 0);
    ids.mention(calls('A'), SECOND);
    ids.found({ transaction: take(ids, 2), callId: 'A', now: 2 * SECOND });
    expect(ids).toMatchObject({ waiting: 1, reading: 0 });
    const call = take(ids, 3);

    ids.mention(transactions('U'), 3 * SECOND);
    ids.found({ transaction: take(ids, 5), callId: 'A', now: 5 * SECOND });
    ids.shown(call);
    ids.shown(take(ids, 7));
    expect(ids.counts).toEqual({ ...NO_NEWS, received: 3, read: 3 });
  });

  it('counts a call that is named while it waits or is read for a transaction', () => {
    for (const isRead of [false, true]) {
      const ids = new WaitingIds();
      ids.mention(transactions('T'), 0);
      ids.found({ transaction: take(ids, 2), callId: 'A', now: 2 * SECOND });
      const reading = isRead ? take(ids, 3) : null;
      ids.mention(calls('A'), 3 * SECOND);
      ids.mention(calls('A'), 3 * SECOND);
      if (reading !== null) ids.shown(reading);
      ids.shown(take(ids, 5));

      expect(ids.counts).toEqual({ ...NO_NEWS, received: 3, read: 2 });
      expect(ids.isEmpty()).toBe(true);
    }
  });

  it('reads the call of a transaction 1 s later if nobody else waits for it, or if it was not shown before', () => {
    const ids = new WaitingIds();
    ids.mention(transactions('T'), 0);
    ids.found({ transaction: take(ids, 2), callId: 'A', now: 2_500 });
    expect(ids.nextDueAt()).toBe(3_500);
    ids.notShown(take(ids, 4));
    ids.mention(transactions('U'), 4 * SECOND);
    ids.found({ transaction: take(ids, 6), callId: 'A', now: 6 * SECOND });

    expect(ids.nextDueAt()).toBe(7 * SECOND);
    expect(take(ids, 7)).toMatchObject({ kind: 'call', id: 'A', ids: 2 });
  });

  it('drops and counts what is new while 500 wait, and takes more mentions of those', () => {
    const ids = new WaitingIds();
    const many = Array.from({ length: 499 }, (_, index) => `C${index}`);
    ids.mention(calls(...many), 0);
    const reading = take(ids, 2);
    ids.mention(calls('X', 'Y', reading.id, 'C100'), 2 * SECOND);
    ids.mention(transactions('X'), 2 * SECOND);

    expect(ids.waiting + ids.reading).toBe(500);
    expect(ids.counts).toMatchObject({ received: 504, dropped: 2 });
    ids.failed(reading);
    expect(ids.waiting).toBe(500);
  });

  it('hands over ids that are being read as due', () => {
    const ids = new WaitingIds();
    ids.mention({ callIds: ['A', 'B'], transactionIds: ['T'] }, 0);
    take(ids, 2);
    ids.mention(calls('A'), 3 * SECOND);
    const next = new WaitingIds({ state: JSON.parse(JSON.stringify(ids.state())) as WaitingIdsState });

    expect([2, 2, 2].map((second) => take(next, second).id)).toEqual(['A', 'B', 'T']);
    expect(next).toMatchObject({ counts: ids.counts, lastAt: 3 * SECOND, waiting: 0 });
  });
});

/** Names of calls, and of transactions with the call of each: `t1` is of `A`. The source never shows `C` and `t4`. */
const CALL_OF: Readonly<Record<string, string | null>> = { t1: 'A', t2: 'A', t3: 'B', t4: null };
const HIDDEN = 'C';

type Step =
  | { readonly do: 'mention'; readonly id: string }
  | { readonly do: 'pass'; readonly ms: number }
  | { readonly do: 'start' | 'end' | 'wait' | 'hand over' };

const mentions = fc.constantFrom('A', 'B', HIDDEN, 't1', 't2', 't3', 't4');
const steps = fc.array(
  fc.oneof(
    { weight: 4, arbitrary: mentions.map((id): Step => ({ do: 'mention', id })) },
    { weight: 4, arbitrary: fc.integer({ min: 1, max: 20_000 }).map((ms): Step => ({ do: 'pass', ms })) },
    { weight: 3, arbitrary: fc.constant<Step>({ do: 'start' }) },
    { weight: 3, arbitrary: fc.constantFrom<Step>({ do: 'end' }, { do: 'end' }, { do: 'wait' }, { do: 'hand over' }) },
  ),
  { maxLength: 80 },
);

/** Plays webhooks against a source, and notes when each id was mentioned, and when reads of it began. */
class World {
  ids = new WaitingIds();
  now = 0;
  mentioned: { readonly id: string; readonly at: number }[] = [];
  /** Reads that ended, each with the instant at which it began. */
  readonly ended: { readonly entry: WaitingId; readonly at: number }[] = [];
  #running: { readonly entry: WaitingId; readonly at: number }[] = [];

  play(step: Step): void {
    if (step.do === 'mention') {
      this.mentioned.push({ id: step.id, at: this.now });
      this.ids.mention(step.id.startsWith('t') ? transactions(step.id) : calls(step.id), this.now);
    } else if (step.do === 'pass') this.now += step.ms;
    else if (step.do === 'start') {
      const entry = this.ids.takeDue(this.now);
      if (entry !== null) this.#running.push({ entry, at: this.now });
    } else if (step.do === 'hand over') {
      this.ids = new WaitingIds({ state: JSON.parse(JSON.stringify(this.ids.state())) as WaitingIdsState });
      this.#running = [];
    } else this.#end(step.do);
  }

  /** Reads until nothing waits. */
  settle(): void {
    while (this.ids.waiting + this.ids.reading > 0) {
      this.now = Math.max(this.now, this.ids.nextDueAt() ?? 0);
      this.play({ do: 'start' });
      this.play({ do: 'end' });
    }
  }

  #end(how: 'end' | 'wait'): void {
    const read = this.#running.shift();
    if (read === undefined) return;
    const { entry } = read;
    if (how === 'wait') {
      this.ids.putBack(entry);
      return;
    }
    this.ended.push(read);
    if (entry.kind === 'call') {
      if (entry.id === HIDDEN) this.ids.notShown(entry);
      else this.ids.shown(entry);
      return;
    }
    const callId = CALL_OF[entry.id];
    if (callId == null) this.ids.notShown(entry);
    else this.ids.found({ transaction: entry, callId, now: this.now });
  }

  readsOf(id: string): number[] {
    return this.ended.filter(({ entry }) => entry.id === id).map(({ at }) => at);
  }

  mentionsOf(id: string): number[] {
    return this.mentioned.filter((mention) => mention.id === id).map(({ at }) => at);
  }
}

function played(all: readonly Step[]): World {
  const world = new World();
  for (const step of all) world.play(step);
  world.settle();
  return world;
}

describe('whatever the order of mentions, reads, waits and hand-overs', () => {
  it('asks for each id after its last mention, and for the call of each transaction after that', () => {
    fc.assert(
      fc.property(steps, (all) => {
        const world = played(all);
        for (const id of new Set(world.mentioned.map((mention) => mention.id))) {
          const asked = Math.max(...world.readsOf(id));
          expect(asked).toBeGreaterThanOrEqual(Math.max(...world.mentionsOf(id)));
          const callId = CALL_OF[id];
          if (callId != null) expect(Math.max(...world.readsOf(callId))).toBeGreaterThanOrEqual(asked);
        }
      }),
    );
  });

  it('reads a shown call only if it or a transaction of it was mentioned since the read before', () => {
    fc.assert(
      fc.property(steps, (all) => {
        const world = played(all);
        for (const callId of ['A', 'B']) {
          // A transaction leads to its call when the search for it has ended, which is after it began.
          const found = Object.keys(CALL_OF).filter((id) => CALL_OF[id] === callId);
          const causes = world.mentionsOf(callId).length + found.flatMap((id) => world.readsOf(id)).length;
          expect(world.readsOf(callId).length).toBeLessThanOrEqual(causes);
        }
        for (const id of ['t1', 't2', 't3']) {
          expect(world.readsOf(id).length).toBeLessThanOrEqual(world.mentionsOf(id).length);
        }
      }),
    );
  });

  it('looks for what is not shown until 5 minutes after a first look, four times per mention at most', () => {
    fc.assert(
      fc.property(steps, (all) => {
        const world = played(all);
        for (const id of [HIDDEN, 't4']) {
          const looks = world.readsOf(id);
          const lastMention = Math.max(...world.mentionsOf(id));
          if (looks.length === 0) continue;
          expect(looks.length).toBeLessThanOrEqual(4 * world.mentionsOf(id).length);
          const first = looks.find((at) => at >= lastMention) ?? Infinity;
          expect((looks.at(-1) ?? 0) - first).toBeGreaterThanOrEqual(300_000);
        }
      }),
    );
  });

  it('counts every id once: as read, not shown, dropped or failed', () => {
    fc.assert(
      fc.property(steps, (all) => {
        const { ids, mentioned } = played(all);
        const { received, read, notShown, dropped, failed, missed } = ids.counts;
        const distinct = new Set(mentioned.map(({ id }) => id));
        expect(received).toBe(mentioned.length);
        expect(read + notShown + dropped + failed).toBeGreaterThanOrEqual(distinct.size);
        expect(read + notShown + dropped + failed).toBeLessThanOrEqual(received);
        expect(missed).toBeGreaterThanOrEqual(notShown);
        expect(notShown >= 1).toBe(distinct.has(HIDDEN) || distinct.has('t4'));
      }),
    );
  });
});
