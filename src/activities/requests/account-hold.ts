import type { SourceError } from '../../sources/errors.js';
import type { Hold, RunningHold } from '../../store/limits/holds.js';
import type { ActivityDependencies } from '../dependencies.js';

/** Result of a request that must be repeated after `until`: the workflow shows the reason and sleeps. */
export interface WaitResult {
  readonly outcome: 'wait';
  /** ISO instant. */
  readonly until: string;
  readonly reason: string;
}

/** Time of a hold whose answer has no readable Retry-After. */
const DEFAULT_HOLD_MS = 30_000;

export function waitResult({ until, reason }: RunningHold): WaitResult {
  return { outcome: 'wait', until: until.toISOString(), reason };
}

/** A request that was sent. */
export interface SentRequest {
  readonly deps: ActivityDependencies;
  readonly account: string;
  /** The account's count of holds when it was sent. Slows the account down once for requests that failed together. */
  readonly epoch: number;
}

/** True if the answer asks to send no more requests for some time. */
export function asksForHold({ kind }: SourceError): boolean {
  return kind === 'rate-limited' || kind === 'busy';
}

/**
 * Stores the hold that an answer asks for: until it ends, no worker starts a request of the account. A 429 also lowers
 * the account's rate of requests.
 */
export async function holdAccount({ deps, account, epoch }: SentRequest, error: SourceError): Promise<RunningHold> {
  const { rates, store } = deps;
  const at = deps.now();
  const { holdUntil, reason, rate } = await store.limits.hold({
    account,
    until: new Date(at.getTime() + (error.retryAfterMs ?? DEFAULT_HOLD_MS)),
    reason: `${error.status ?? 429} from the API of ${account}`,
    epoch,
    slowsDown: error.kind === 'rate-limited',
    ceiling: rates.ceilingOf(account),
    at,
    answers: { by: rates.processName, answeredIn: (spanMs) => rates.answeredIn({ account, at, spanMs }) },
  });
  await rates.follow({ account, rate });
  return { until: holdUntil, reason };
}

interface FinishedRequest {
  readonly deps: Pick<ActivityDependencies, 'rates' | 'now'>;
  readonly account: string;
}

/** Counts a request that the source answered. The error is null if the answer is usable. */
export function countAnswer({ deps, account }: FinishedRequest, error: SourceError | null): void {
  const isAnswer = error === null || (error.status !== null && !asksForHold(error));
  if (isAnswer) deps.rates.noteAnswer({ account, at: deps.now() });
}

/** Adds the answers of this process to a refusal that another one has stored, which corrects the rate. */
export async function addAnswers({ deps: { store, rates }, account, hold }: ReadHold): Promise<void> {
  const answered = hold === null ? 0 : rates.answersToAdd({ account, hold });
  if (hold === null || answered === 0) return;
  const more = { account, epoch: hold.epoch, answered, ceiling: rates.ceilingOf(account) };
  const { rate } = await store.limits.addAnswered(more);
  await rates.follow({ account, rate });
}

interface ReadHold {
  readonly deps: ActivityDependencies;
  readonly account: string;
  readonly hold: Hold | null;
}
