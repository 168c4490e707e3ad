import type { ActivityOptions } from '@temporalio/workflow';
import { apiTaskQueue } from './ids.js';

/** Priorities on an account's API queue. Lower ones go first: a live page overtakes all others that wait. */
export const PRIORITY = {
  livePage: 1,
  /** A few requests for which a person is waiting. */
  probe: 1,
  /** A call that a webhook has named. */
  nudge: 2,
  freshTranscript: 3,
  backfillPage: 4,
  oldTranscript: 5,
  /** Shares the last place, because Temporal documents no priority after 5. */
  verifyPage: 5,
} as const;

/** Keeps a run well below the 4,096 events at which Temporal suggests a new one: a page costs about six. */
export const MAX_PAGES_PER_RUN = 400;

/**
 * Options for one request and the writes of its answer. The start-to-close timeout leaves room for the longest request
 * (150 s) and a slow MongoDB; missing heartbeats reveal a dead worker earlier. Retries never end: errors that must not
 * be retried are non-retryable, and long waits are results.
 */
export function pageActivityOptions(input: { account: string; priorityKey: number }): ActivityOptions {
  return {
    taskQueue: apiTaskQueue(input.account),
    startToCloseTimeout: '15 minutes',
    heartbeatTimeout: '30 seconds',
    retry: { initialInterval: '1 second', backoffCoefficient: 2, maximumInterval: '1 minute' },
    priority: { priorityKey: input.priorityKey },
    // Eager activities bypass the queue and with it the rate limit.
    allowEagerDispatch: false,
  };
}

/**
 * Options for a read or write in MongoDB, mostly quick. The first claim after a start takes longer with more due calls
 * (6 s at 100,000 calls on a busy machine), and the calls of a claim that times out stay leased without a look.
 */
export const storeActivityOptions: ActivityOptions = {
  startToCloseTimeout: '2 minutes',
  retry: { initialInterval: '1 second', backoffCoefficient: 2, maximumInterval: '1 minute' },
};

/** Options for some thousand reads and writes in MongoDB. Missing heartbeats reveal a dead worker. */
export const storeBatchActivityOptions: ActivityOptions = {
  startToCloseTimeout: '15 minutes',
  heartbeatTimeout: '30 seconds',
  retry: { initialInterval: '1 second', backoffCoefficient: 2, maximumInterval: '1 minute' },
};

/**
 * Options for reading what needs a person, in MongoDB and Temporal. Missing heartbeats reveal a dead worker: who is to
 * be told waits meanwhile.
 */
export const checkActivityOptions: ActivityOptions = {
  startToCloseTimeout: '5 minutes',
  heartbeatTimeout: '15 seconds',
  retry: { initialInterval: '1 second', backoffCoefficient: 2, maximumInterval: '30 seconds' },
};

/** Options for one post to the receiver of alerts (at most 10 s), and the write of its outcome. */
export const postActivityOptions: ActivityOptions = {
  startToCloseTimeout: '30 seconds',
  retry: { initialInterval: '1 second', backoffCoefficient: 2, maximumInterval: '30 seconds' },
};

/**
 * Options for one request for a transcript or its analysis, and the write of its outcome. After a few failures the
 * activity ends by itself and releases the call. Missing heartbeats reveal a dead worker: a run waits for all looks.
 */
export function lookActivityOptions(input: { account: string; lane: 'fresh' | 'old' }): ActivityOptions {
  return {
    taskQueue: apiTaskQueue(input.account),
    startToCloseTimeout: '4 minutes',
    heartbeatTimeout: '20 seconds',
    retry: { initialInterval: '2 seconds', backoffCoefficient: 2, maximumInterval: '10 seconds' },
    priority: { priorityKey: input.lane === 'fresh' ? PRIORITY.freshTranscript : PRIORITY.oldTranscript },
    allowEagerDispatch: false,
  };
}

/** Shorter than the lease, so that a call is never claimed again while its child still runs. */
export const LOOK_EXECUTION_TIMEOUT = '25 minutes';
