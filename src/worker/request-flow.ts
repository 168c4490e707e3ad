import { setTimeout as sleep } from 'node:timers/promises';

/** Requests that a queue saved up while idle come at once, as many as it releases in a second. */
const LONGEST_WAIT_MS = 1_000;
/** A little faster than the queue, so that this process never falls behind it. */
const FASTER_THAN_QUEUE = 1.05;
/** A timer cannot be set to less. */
const SHORTEST_WAIT_MS = 1;
/** Number of answers that are remembered: more than are ever counted. */
const REMEMBERED_ANSWERS = 5_000;

/** The requests of one account that this process makes: spreads them, and remembers when they were answered. */
export class RequestFlow {
  /** Instants in milliseconds since 1970, in order. */
  #answersMs: number[] = [];
  #epoch = 0;
  #freeMs = 0;
  #gapMs: number;

  constructor(rate: number) {
    this.#gapMs = gapOf(rate);
  }

  /** Sets the requests per second that all processes may make. */
  setRate(rate: number): void {
    this.#gapMs = gapOf(rate);
  }

  /**
   * Waits a second at most until the request before this one is far enough away. The queue limits the rate; this only
   * spreads requests that it released together.
   */
  async turn(): Promise<void> {
    const nowMs = performance.now();
    const waitMs = Math.min(LONGEST_WAIT_MS, Math.max(0, this.#freeMs - nowMs));
    this.#freeMs = nowMs + waitMs + this.#gapMs;
    if (waitMs >= SHORTEST_WAIT_MS) await sleep(waitMs);
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
