import { setTimeout as sleep } from 'node:timers/promises';

/** Requests that a queue saved up while idle come at once, as many as it releases in a second. */
const LONGEST_WAIT_MS = 1_000;
/** A little faster than the queue, so that this process never falls behind it. */
const FASTER_THAN_QUEUE = 1.05;
/** Part of the distance to the next request that a late start may take. All timers are a little late. */
const TAKEN_BY_LATE_START = 1 / 4;
/** A timer cannot be set to less. */
const SHORTEST_WAIT_MS = 1;
/** Number of answers that are remembered: more than are ever counted. */
const REMEMBERED_ANSWERS = 5_000;

/** The clock of a process, and a wait by it. Both are in milliseconds. */
export interface FlowClock {
  readonly nowMs: () => number;
  readonly sleep: (waitMs: number) => Promise<void>;
}

const REAL_CLOCK: FlowClock = { nowMs: () => performance.now(), sleep: (waitMs) => sleep(waitMs) };

/** The requests of one account that this process makes: spreads them, and remembers when they were answered. */
export class RequestFlow {
  /** Instants in milliseconds since 1970, in order. */
  #answersMs: number[] = [];
  #epoch = 0;
  #gapMs: number;
  /** Instant by the clock from which the next request may start. */
  #freeMs = 0;
  /** Resolves when the request before the next one has started. */
  #started: Promise<void> = Promise.resolve();
  readonly #clock: FlowClock;

  constructor(rate: number, clock: FlowClock = REAL_CLOCK) {
    this.#gapMs = gapOf(rate);
    this.#clock = clock;
  }

  /** Sets the requests per second that all processes may make. */
  setRate(rate: number): void {
    this.#gapMs = gapOf(rate);
  }

  /**
   * Waits a second at most until the request before this one is far enough away. The queue limits the rate; this only
   * spreads requests that it released together. A process that was busy does not start at once what it is late with.
   */
  turn(): Promise<void> {
    const latestMs = this.#clock.nowMs() + LONGEST_WAIT_MS;
    this.#started = this.#started.then(() => this.#startBy(latestMs));
    return this.#started;
  }

  async #startBy(latestMs: number): Promise<void> {
    const nowMs = this.#clock.nowMs();
    const dueMs = Math.max(nowMs, Math.min(this.#freeMs, latestMs));
    if (dueMs - nowMs >= SHORTEST_WAIT_MS) await this.#clock.sleep(dueMs - nowMs);
    const lateMs = this.#clock.nowMs() - dueMs;
    this.#freeMs = dueMs + Math.max(0, lateMs - this.#gapMs * TAKEN_BY_LATE_START) + this.#gapMs;
  }

  noteAnswer(at: Date): void {
    if (this.#answersMs.length >= REMEMBERED_ANSWERS) this.#answersMs = this.#answersMs.slice(REMEMBERED_ANSWERS / 2);
    this.#answersMs.push(at.getTime());
  }

  /** Returns the number of answers within `spanMs` up to `at`. */
  answeredIn({ at, spanMs }: { at: Date; spanMs: number }): number {
    const untilMs = at.getTime();
    return this.#answersMs.filter((ms) => ms > untilMs - spanMs && ms <= untilMs).length;
  }

  /** Returns true to the first caller that has read this epoch. */
  isNew(epoch: number): boolean {
    const isNew = epoch > this.#epoch;
    if (isNew) this.#epoch = epoch;
    return isNew;
  }
}

function gapOf(rate: number): number {
  return 1_000 / (rate * FASTER_THAN_QUEUE);
}
