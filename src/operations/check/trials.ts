import { setTimeout as sleep } from 'node:timers/promises';
import type { CheckResult } from './check-result.js';

/** The result of a check whose name is known. */
export type Finding = Omit<CheckResult, 'id' | 'account'>;

/** Time for a server in all. */
export const SERVER_MS = 5_000;

/** Time for what follows a connection, even if connecting has used most of {@link SERVER_MS}. */
const LEAST_MS = 2_000;

/** Time to remove what was written, after the time of the server is over. */
const CLEAN_UP_MS = 2_000;

export function ok(message: string): Finding {
  return { state: 'ok', message, advice: null };
}

export function warning(message: string, advice: string): Finding {
  return { state: 'warning', message, advice };
}

export function failed(message: string, advice: string): Finding {
  return { state: 'failed', message, advice };
}

/** Makes a clause the beginning of a sentence. */
export function capitalised(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}`;
}

/** Results of checks that are not tried because another one failed. */
export function skippedAfter(failedId: string, ids: readonly string[]): CheckResult[] {
  const message = `not tried, because ${failedId} failed`;
  return ids.map((id) => ({ id, account: null, state: 'skipped', message, advice: null }));
}

/** The server did not answer in time. */
export class NoAnswerError extends Error {
  override readonly name = 'NoAnswerError';

  constructor(withinMs: number) {
    super(`no answer within ${Math.round(withinMs / 1_000)} seconds`);
  }
}

/** One check of a server. */
interface Trial {
  readonly id: string;
  readonly look: () => Promise<Finding>;
  /** Explains a failure of `look`, or that it got no answer. */
  readonly explain: (error: unknown) => Finding;
  /** True if `look` writes something, which it removes. */
  readonly writes?: true;
}

/** The checks of one server, which share its time. */
export class Trials {
  readonly #endsAtMs = Date.now() + SERVER_MS;
  readonly #writing: Promise<unknown>[] = [];
  /** Aborts if the check is interrupted. */
  readonly signal: AbortSignal;

  constructor(signal: AbortSignal) {
    this.signal = signal;
  }

  /** Runs a check until the time is over. Rejects only if the signal aborts. */
  async run({ id, look, explain, writes }: Trial): Promise<CheckResult> {
    const finding = await this.#inTime(look, writes ?? false).catch((error: unknown) => {
      this.signal.throwIfAborted();
      return explain(error);
    });
    return { id, account: null, ...finding };
  }

  /** Waits a little for checks that write: even if they got no answer, or are interrupted, they remove it again. */
  async cleanedUp(): Promise<void> {
    const timer = new AbortController();
    const tooLate = sleep(CLEAN_UP_MS, undefined, { signal: timer.signal }).catch(() => undefined);
    await Promise.race([Promise.allSettled(this.#writing), tooLate]);
    timer.abort();
  }

  async #inTime<T>(look: () => Promise<T>, writes: boolean): Promise<T> {
    this.signal.throwIfAborted();
    const withinMs = Math.max(this.#endsAtMs - Date.now(), LEAST_MS);
    const answer = look();
    if (writes) this.#writing.push(answer);
    const timer = new AbortController();
    const tooLate = sleep(withinMs, undefined, { signal: AbortSignal.any([this.signal, timer.signal]) }).then(() => {
      throw new NoAnswerError(withinMs);
    });
    try {
      return await Promise.race([answer, tooLate]);
    } finally {
      timer.abort();
      tooLate.catch(() => undefined);
    }
  }
}
