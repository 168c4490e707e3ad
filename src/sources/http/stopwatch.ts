/** Limits the time of something, apart from the waits in it that it did not cause. */
export class Stopwatch {
  readonly #onOver: () => void;
  #timer: NodeJS.Timeout | null = null;
  #startedMs = 0;
  #leftMs: number;
  #isOver = false;

  /** Calls `onOver` after `limitMs`, unless it is stopped before. */
  constructor(limitMs: number, onOver: () => void) {
    this.#leftMs = limitMs;
    this.#onOver = onOver;
    this.#start();
  }

  /** True if the time is over. */
  get isOver(): boolean {
    return this.#isOver;
  }

  /** Waits, without counting the time. */
  async without(wait: Promise<void> | undefined): Promise<void> {
    if (wait === undefined) return;
    this.stop();
    try {
      await wait;
    } finally {
      this.#start();
    }
  }

  stop(): void {
    if (this.#timer === null) return;
    clearTimeout(this.#timer);
    this.#timer = null;
    this.#leftMs -= performance.now() - this.#startedMs;
  }

  #start(): void {
    this.#startedMs = performance.now();
    this.#timer = setTimeout(
      () => {
        this.#isOver = true;
        this.#onOver();
      },
      Math.max(0, this.#leftMs),
    );
  }
}
