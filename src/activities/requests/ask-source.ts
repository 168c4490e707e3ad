import { activityInfo } from '@temporalio/activity';
import { ApplicationFailure, ApplicationFailureCategory } from '@temporalio/common';
import { SourceError } from '../../sources/errors.js';
import type { BodyRoom } from '../../sources/http/body-room.js';
import type { ActivityDependencies } from '../dependencies.js';
import { runningHold, type RunningHold } from '../../store/limits/holds.js';
import { processBodies } from './body-gate.js';
import { addAnswers, countAnswer, holdAccount, waitResult, type SentRequest, type WaitResult } from './account-hold.js';
import { withHeartbeat } from './heartbeat.js';

/** Input of every activity that asks a source. */
export interface AskInput {
  readonly account: string;
  /** Number of waits right before this request: each doubles the next wait for a failing source. */
  readonly precedingWaits: number;
}

interface Ask<Answer> {
  readonly deps: ActivityDependencies;
  readonly input: AskInput;
  /** Makes one request. @throws SourceError if there is no usable answer */
  readonly request: (signal: AbortSignal, room: BodyRoom) => Promise<Answer>;
  /** True if the answer gets its room in memory before others. */
  readonly isUrgent?: boolean;
}

interface Use<Answer, Result> {
  readonly answered: (answer: Answer) => Promise<Result>;
  /** Returns a result if the error answers this request. Null, or left out: the error is a hold, refusal or outage. */
  readonly failed?: (error: SourceError) => Promise<Result | null> | Result | null;
}

/** Longest hold that is an activity retry; the workflow shows longer ones. */
const SHORT_HOLD_MS = 30_000;
/** Failures in a row before the workflow shows a wait: retries alone are not visible there. */
const ATTEMPTS_BEFORE_WAIT = 3;
const FIRST_OUTAGE_WAIT_MS = 30_000;
const LONGEST_OUTAGE_WAIT_MS = 10 * 60_000;

/**
 * Makes one request to an account's API and passes on the answer; makes none while the account is on hold. Heartbeats
 * until the answer is used. A 429, or a 503 with a Retry-After, becomes a hold on the whole account, stored before this
 * returns.
 *
 * @throws a benign retryable `Hold` while a short hold lasts
 * @throws a retryable `Unavailable` for the first failures of an outage
 * @throws a non-retryable `Refused` when a person must change something first
 */
export async function askSource<Answer, Result>(
  { deps, input, request, isUrgent = false }: Ask<Answer>,
  { answered, failed }: Use<Answer, Result>,
): Promise<Result | WaitResult> {
  const { account, precedingWaits } = input;
  await deps.rates.turn(account);
  const hold = await deps.store.limits.read(account);
  await addAnswers({ deps, account, hold });
  const running = runningHold(hold, deps.now());
  if (running !== null) return waitFor(running, deps.now());
  const { bodies = processBodies } = deps;
  return withHeartbeat(({ signal }) =>
    bodies.pass({ kind: account, isUrgent, signal }, async (room) => {
      const answer = await answerOrError(() => request(signal, room));
      countAnswer({ deps, account }, answer instanceof SourceError ? answer : null);
      if (!(answer instanceof SourceError)) return answered(answer);
      return (await failed?.(answer)) ?? outcomeOf({ deps, account, epoch: hold?.epoch ?? 0, precedingWaits }, answer);
    }),
  );
}

async function answerOrError<Answer>(request: () => Promise<Answer>): Promise<Answer | SourceError> {
  try {
    return await request();
  } catch (error) {
    if (error instanceof SourceError) return error;
    throw error;
  }
}

async function outcomeOf(asked: SentRequest & AskInput, error: SourceError): Promise<WaitResult> {
  switch (error.kind) {
    case 'rate-limited':
    case 'busy':
      return waitFor(await holdAccount(asked, error), asked.deps.now());
    case 'refused':
      throw ApplicationFailure.nonRetryable(error.message, 'Refused');
    case 'unavailable':
    case 'too-much':
    case 'cut-off':
      return outage(asked, error);
  }
}

function waitFor(hold: RunningHold, now: Date): WaitResult {
  const remainingMs = Math.max(1, hold.until.getTime() - now.getTime());
  const wait = waitResult(hold);
  if (remainingMs > SHORT_HOLD_MS) return wait;
  throw ApplicationFailure.create({
    type: 'Hold',
    message: `On hold until ${wait.until}: ${wait.reason}`,
    nextRetryDelay: remainingMs,
    category: ApplicationFailureCategory.BENIGN,
  });
}

function outage({ deps, precedingWaits }: SentRequest & AskInput, error: SourceError): WaitResult {
  if (activityInfo().attempt < ATTEMPTS_BEFORE_WAIT) throw ApplicationFailure.retryable(error.message, 'Unavailable');
  const waitMs = Math.min(LONGEST_OUTAGE_WAIT_MS, FIRST_OUTAGE_WAIT_MS * 2 ** precedingWaits);
  return waitResult({ until: new Date(deps.now().getTime() + waitMs), reason: error.message });
}
