import { addNews, NO_NEWS, type NudgeNews } from './nudge-counts.js';
import { NUDGE_TIMING, type NudgeTiming } from './nudge-timing.js';
import type { NudgedIds } from './nudged-ids.js';

/** Ids beyond this number are dropped; those being read count too. */
const MOST_WAITING = 500;

interface NudgedId {
  readonly kind: 'call' | 'transaction';
  readonly id: string;
}

/** An id that waits until its call is read. Instants are milliseconds since 1970. */
export interface WaitingId extends NudgedId {
  /** First mention since its call was last read. */
  readonly mentionedAt: number;
  readonly dueAt: number;
  /** Start of the first look since its last mention; null if there was none. */
  readonly lookedAt: number | null;
  /** Number of ids that count when the call is read: itself if it was named, and the transactions that led to it. */
  readonly ids: number;
  /** False if only transactions have led to the call. */
  readonly isNamed: boolean;
  /** Number of these that are counted as not shown. */
  readonly notShown: number;
}

/** Mentions of an id while its call is being read: the read may be older than what they are about. */
interface Again {
  readonly firstAt: number;
  readonly lastAt: number;
  /** Number of transactions that led to the call meanwhile. */
  readonly transactions: number;
  /** True if the id itself was mentioned meanwhile. */
  readonly isNamed: boolean;
}

interface Reading {
  readonly entry: WaitingId;
  readonly startedAt: number;
  /** Null if the id was not mentioned since. */
  readonly again: Again | null;
}

/** State of {@link WaitingIds}, handed from one run to the next. Ids that were being read wait again in it. */
export interface WaitingIdsState {
  readonly waiting: readonly WaitingId[];
  readonly counts: NudgeNews;
  /** Instant of the last mention; null if there was none. */
  readonly lastAt: number | null;
}

/**
 * The ids that webhooks have named, until their calls are read. Decides when each is due, what belongs together and
 * what is left to the drain, and counts. An id is either waiting or being read.
 */
export class WaitingIds {
  readonly #waiting = new Map<string, WaitingId>();
  readonly #reading = new Map<string, Reading>();
  readonly #timing: NudgeTiming;
  #counts: NudgeNews;
  #lastAt: number | null;

  constructor({ timing = NUDGE_TIMING, state }: { timing?: NudgeTiming; state?: WaitingIdsState } = {}) {
    this.#timing = timing;
    this.#counts = state?.counts ?? NO_NEWS;
    this.#lastAt = state?.lastAt ?? null;
    for (const entry of state?.waiting ?? []) this.#waiting.set(keyOf(entry), entry);
  }

  /** Counts since the first mention. */
  get counts(): NudgeNews {
    return this.#counts;
  }

  get lastAt(): number | null {
    return this.#lastAt;
  }

  get waiting(): number {
    return this.#waiting.size;
  }

  get reading(): number {
    return this.#reading.size;
  }

  /** True if nothing waits and nothing is being read. */
  isEmpty(): boolean {
    return this.#waiting.size + this.#reading.size === 0;
  }

  /** Adds the ids of a webhook. */
  mention({ callIds, transactionIds }: NudgedIds, now: number): void {
    for (const id of callIds) this.#mention({ kind: 'call', id }, now);
    for (const id of transactionIds) this.#mention({ kind: 'transaction', id }, now);
  }

  /** Returns when the next waiting id is due; null if none waits. */
  nextDueAt(): number | null {
    return this.#next()?.dueAt ?? null;
  }

  /** Takes the id that has been due longest; its call is being read from now on. Returns null if none is due. */
  takeDue(now: number): WaitingId | null {
    const entry = this.#next();
    if (entry === null || entry.dueAt > now) return null;
    this.#waiting.delete(keyOf(entry));
    this.#reading.set(keyOf(entry), { entry, startedAt: now, again: null });
    return entry;
  }

  /** Ends a read: the call is stored as the source shows it. */
  shown(entry: WaitingId): void {
    this.#count({ read: entry.ids, notShown: -entry.notShown });
    this.#startAgain(entry, this.#endReading(entry).again);
  }

  /** Ends a read that can never succeed. */
  failed(entry: WaitingId): void {
    this.#count({ failed: entry.ids, notShown: -entry.notShown });
    this.#startAgain(entry, this.#endReading(entry).again);
  }

  /** Ends a read of what the source does not show. It is looked for later, or left to the drain after the last look. */
  notShown(entry: WaitingId): void {
    const { again, startedAt } = this.#endReading(entry);
    const newlyMissed = entry.ids - entry.notShown;
    this.#count({ missed: newlyMissed, notShown: newlyMissed });
    const missed = { ...entry, notShown: entry.ids };
    if (again !== null) {
      this.#wait({ ...missed, ...joined(entry, again), ...this.#seriesAfter(again) });
      return;
    }
    const lookedAt = entry.lookedAt ?? startedAt;
    const delayMs = this.#timing.lookAgainAfterMs.find((afterMs) => lookedAt + afterMs > startedAt);
    if (delayMs !== undefined) this.#wait({ ...missed, lookedAt, dueAt: lookedAt + delayMs });
  }

  /** Ends a read that could not be made yet: it remains due. Returns true if the id was mentioned meanwhile. */
  putBack(entry: WaitingId): boolean {
    const { again } = this.#endReading(entry);
    this.#wait({ ...entry, ...joined(entry, again) });
    return again !== null;
  }

  /** Ends the search for the call of a transaction. The transaction counts with its call from now on. */
  found({ transaction, callId, now }: { transaction: WaitingId; callId: string; now: number }): void {
    this.#count({ notShown: -transaction.notShown });
    const { again } = this.#endReading(transaction);
    const joinedAt = now + this.#timing.joinMs;
    const call = { kind: 'call', id: callId } as const;
    const reading = this.#reading.get(keyOf(call));
    const waiting = this.#waiting.get(keyOf(call));
    if (reading !== undefined) {
      const before = reading.again ?? { firstAt: now, transactions: 0, isNamed: false };
      const more = { ...before, lastAt: now, transactions: before.transactions + transaction.ids };
      this.#reading.set(keyOf(call), { ...reading, again: more });
    } else if (waiting !== undefined) {
      // A call that the source did not show is there now, so its next look need not wait.
      const dueAt = waiting.lookedAt === null ? waiting.dueAt : Math.min(waiting.dueAt, joinedAt);
      this.#wait({ ...waiting, dueAt, ids: waiting.ids + transaction.ids });
    } else {
      this.#wait({ ...transaction, ...call, dueAt: joinedAt, lookedAt: null, notShown: 0, isNamed: false });
    }
    this.#startAgain(transaction, again);
  }

  /** Returns the state for the next run, which reads again what is being read now. */
  state(): WaitingIdsState {
    const reading = [...this.#reading.values()].map(({ entry, again }) => ({ ...entry, ...joined(entry, again) }));
    return { waiting: [...reading, ...this.#waiting.values()], counts: this.#counts, lastAt: this.#lastAt };
  }

  #mention(nudged: NudgedId, now: number): void {
    const key = keyOf(nudged);
    this.#lastAt = now;
    this.#count({ received: 1 });
    const reading = this.#reading.get(key);
    const waiting = this.#waiting.get(key);
    if (reading !== undefined) {
      const { firstAt, transactions } = reading.again ?? { firstAt: now, transactions: 0 };
      this.#reading.set(key, { ...reading, again: { firstAt, lastAt: now, transactions, isNamed: true } });
    } else if (waiting !== undefined) {
      // There is news since the look, so the looks begin again.
      const firstAt = waiting.lookedAt === null ? waiting.mentionedAt : now;
      const named = joined(waiting, { transactions: 0, isNamed: true });
      this.#wait({ ...waiting, ...named, ...this.#seriesAfter({ firstAt, lastAt: now }) });
    } else if (this.#isFull()) {
      this.#count({ dropped: 1 });
    } else {
      const series = this.#seriesAfter({ firstAt: now, lastAt: now });
      this.#wait({ ...nudged, ids: 1, isNamed: true, notShown: 0, ...series });
    }
  }

  #startAgain({ kind, id }: WaitingId, again: Again | null): void {
    if (again === null) return;
    const counted = joined({ ids: 0, isNamed: false }, again);
    if (this.#isFull()) this.#count({ dropped: counted.ids });
    else this.#wait({ kind, id, ...counted, notShown: 0, ...this.#seriesAfter(again) });
  }

  #isFull(): boolean {
    return this.#waiting.size + this.#reading.size >= MOST_WAITING;
  }

  #seriesAfter({ firstAt, lastAt }: Pick<Again, 'firstAt' | 'lastAt'>) {
    const { collectMs, longestCollectMs } = this.#timing;
    return { mentionedAt: firstAt, dueAt: Math.min(lastAt + collectMs, firstAt + longestCollectMs), lookedAt: null };
  }

  #next(): WaitingId | null {
    let next: WaitingId | null = null;
    for (const entry of this.#waiting.values()) if (next === null || entry.dueAt < next.dueAt) next = entry;
    return next;
  }

  #wait(entry: WaitingId): void {
    this.#waiting.set(keyOf(entry), entry);
  }

  #endReading(entry: WaitingId): Reading {
    const reading = this.#reading.get(keyOf(entry));
    if (reading === undefined) throw new Error(`the ${keyOf(entry)} is not being read`);
    this.#reading.delete(keyOf(entry));
    return reading;
  }

  #count(more: Partial<NudgeNews>): void {
    this.#counts = addNews(this.#counts, more);
  }
}

/** Adds what was mentioned meanwhile to the ids that count. An id that is named again counts once. */
function joined(
  { ids, isNamed }: Pick<WaitingId, 'ids' | 'isNamed'>,
  again: Pick<Again, 'transactions' | 'isNamed'> | null,
): Pick<WaitingId, 'ids' | 'isNamed'> {
  if (again === null) return { ids, isNamed };
  const isNews = again.isNamed && !isNamed;
  return { ids: ids + again.transactions + (isNews ? 1 : 0), isNamed: isNamed || again.isNamed };
}

function keyOf({ kind, id }: NudgedId): string {
  return `${kind}/${id}`;
}
