import { setTimeout as sleep } from 'node:timers/promises';
import { count } from '../../domain/count.js';
import { shownTime } from '../../domain/shown-times.js';
import type { Account } from '../../settings/accounts.js';
import { SourceError } from '../../sources/errors.js';
import { StoreError } from '../../store/errors.js';
import { effectiveRate, runningHold } from '../../store/limits/holds.js';
import type { TranscriptsState } from '../../store/limits/transcript-holds.js';
import type { Store } from '../../store/store.js';
import { clause, skipped, type Skip } from './source-results.js';

/** Result of a request that a check wants to make. `skipped`: it was not made, or the source asked to wait. */
export type Asked<Answer> =
  | { readonly kind: 'answer'; readonly answer: Answer }
  | { readonly kind: 'failure'; readonly error: SourceError }
  | Skip;

/** The part of a source's options that depends on the time that is left. */
interface RequestTime {
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
}

export interface PacedRequestsInput {
  readonly account: Pick<Account, 'name' | 'requestsPerSecond'>;
  readonly store: Pick<Store, 'limits'>;
  /** Instant after which no request is begun, and at which one under way ends. */
  readonly deadline: Date;
  readonly signal: AbortSignal;
}

/** Time for MongoDB to answer. A server that falls silent must not use up the time of the sources. */
const STORE_MS = 2_500;
/** Contracted number of requests of one check to an account. */
const MOST_REQUESTS = 4;
/** Time without which a request is not begun: it could only end in a timeout that says nothing about the source. */
const LEAST_REQUEST_MS = 1_000;

/**
 * Makes the requests of one check to one account: at most four, one after the other, at the rate that the account has
 * now, none while the account is on hold, and none that the deadline leaves no time for. Writes nothing: a hold that
 * the source asks for ends this check, and workers find it out by themselves.
 */
export class PacedRequests {
  readonly #input: PacedRequestsInput;
  #begun = 0;
  /** Instant before which no other request begins, in milliseconds since 1970. */
  #nextMs = 0;
  /** Requests per second when the limits were last read. */
  #rate = Infinity;
  /** Set by an answer after which nothing more is asked. */
  #stopped: Skip | null = null;

  constructor(input: PacedRequestsInput) {
    this.#input = input;
  }

  /** Makes one request. @throws the signal's reason after an abort */
  async ask<Answer>(
    request: (time: RequestTime) => Promise<Answer>,
    { isForTranscript = false }: { readonly isForTranscript?: boolean } = {},
  ): Promise<Asked<Answer>> {
    const { deadline, signal } = this.#input;
    const skip = (await this.#waitForTurn()) ?? (await this.#readLimits(isForTranscript));
    if (skip !== null) return skip;
    const timeoutMs = Math.floor((deadline.getTime() - Date.now()) / 100) * 100;
    if (timeoutMs < LEAST_REQUEST_MS) return outOfTime();
    this.#begun += 1;
    try {
      return { kind: 'answer', answer: await request({ timeoutMs, signal }) };
    } catch (error) {
      if (!(error instanceof SourceError)) throw error;
      return this.#stopIfAsked(error) ?? { kind: 'failure', error };
    } finally {
      // Counted from the answer, because it is not known when the source received the request.
      this.#nextMs = Date.now() + 1_000 / this.#rate;
    }
  }

  /** Reads from the store. Null if MongoDB fails, or takes longer than there is time. @throws the signal's reason */
  async readStore<T>(read: () => Promise<T>): Promise<{ readonly value: T } | null> {
    const isDone = new AbortController();
    const leftMs = Math.min(STORE_MS, Math.max(0, this.#input.deadline.getTime() - Date.now()));
    const signal = AbortSignal.any([this.#input.signal, isDone.signal]);
    const tooLate = sleep(leftMs, null, { signal }).catch(() => null);
    try {
      return await Promise.race([read().then((value) => ({ value })), tooLate]);
    } catch (error) {
      if (error instanceof StoreError) return null;
      throw error;
    } finally {
      isDone.abort();
      this.#input.signal.throwIfAborted();
    }
  }

  /** Waits until a request may begin. Returns the reason if it may not. */
  async #waitForTurn(): Promise<Skip | null> {
    const { deadline, signal } = this.#input;
    signal.throwIfAborted();
    if (this.#stopped !== null) return this.#stopped;
    if (this.#begun === MOST_REQUESTS) return skipped(`a check makes at most ${MOST_REQUESTS} requests`);
    const now = Date.now();
    if (now + LEAST_REQUEST_MS > deadline.getTime()) return outOfTime();
    if (this.#nextMs + LEAST_REQUEST_MS > deadline.getTime()) return outOfTime(this.#rate);
    // Rejects only if the signal aborts.
    await sleep(Math.max(0, this.#nextMs - now), undefined, { signal }).catch(() => undefined);
    signal.throwIfAborted();
    return null;
  }

  /** Reads the holds and the rate right before a request. Returns the reason if it may not begin. */
  async #readLimits(isForTranscript: boolean): Promise<Skip | null> {
    const { account } = this.#input;
    const read = await this.readStore(() => this.#input.store.limits.readAll(account.name));
    if (read === null) return (this.#stopped = WITHOUT_STORE);
    const limits = read.value;
    const now = new Date();
    const hold = runningHold(limits.hold, now);
    if (hold !== null) return skipped(`the account is on hold until ${shownTime(hold.until, now)}: ${hold.reason}`);
    const skip = isForTranscript ? heldTranscripts(limits.transcripts, now) : null;
    if (skip !== null) return skip;
    this.#rate = effectiveRate({ rate: limits.hold?.rate, ceiling: account.requestsPerSecond });
    return null;
  }

  /** Ends the check if the answer asks for no requests for a while. */
  #stopIfAsked({ kind, finding, retryAfterMs }: SourceError): Skip | null {
    if (kind !== 'rate-limited' && kind !== 'busy') return null;
    const until = retryAfterMs === null ? '' : ` until ${shownTime(new Date(Date.now() + retryAfterMs), new Date())}`;
    this.#stopped = skipped(`the API asks for no requests${until}: ${clause(finding)}`);
    return { ...this.#stopped, wasTried: true };
  }
}

/** Reason for everything about a source while MongoDB cannot be used. */
export const WITHOUT_STORE: Skip = skipped('MongoDB cannot be used, so it is unknown if the account is on hold');

function outOfTime(rate?: number): Skip {
  const pace = rate === undefined ? '' : ` at ${count(rate, 'request')} per second`;
  return skipped(`no time was left for it${pace}`);
}

function heldTranscripts({ pausedUntil, reason }: TranscriptsState, now: Date): Skip | null {
  if (pausedUntil === null || pausedUntil <= now) return null;
  const why = reason === null ? '' : `: ${reason}`;
  return skipped(`transcripts are on hold until ${shownTime(pausedUntil, now)}${why}`);
}
