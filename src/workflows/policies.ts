import type { ActivityOptions } from '@temporalio/workflow';
import { apiTaskQueue } from './ids.js';

/** Lower goes first on an account's API queue: a live page overtakes everything that waits there. */
export const PRIORITY = {
  livePage: 1,
  /** A handful of requests that somebody sits in front of. */
  probe: 1,
  freshTranscript: 2,
  backfillPage: 4,
  oldTranscript: 5,
  /** No lower one is documented: it shares the last place. */
  verifyPage: 5,
} as const;

/** A page costs about six events, and Temporal suggests a new run at 4,096: this stays well below. */
export const MAX_PAGES_PER_RUN = 400;

/**
 * One list request and the writes of its page. The start-to-close time leaves room for the longest request (150 s) and
 * a slow MongoDB; a worker that died is noticed by its missing heartbeats instead. Retries never end: what cannot be
 * retried says so itself, and long waits come back as results.
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
 * A read or write in MongoDB, mostly quick. The first claim after a start grows with the backlog (6 s at 100,000
 * calls on a busy machine), and one that is given up for lost leaves its calls leased to nobody.
 */
export const storeActivityOptions: ActivityOptions = {
  startToCloseTimeout: '2 minutes',
  retry: { initialInterval: '1 second', backoffCoefficient: 2, maximumInterval: '1 minute' },
};

/** Some thousand reads and writes in MongoDB; a worker that died is noticed by its missing heartbeats. */
export const storeBatchActivityOptions: ActivityOptions = {
  startToCloseTimeout: '15 minutes',
  heartbeatTimeout: '30 seconds',
  retry: { initialInterval: '1 second', backoffCoefficient: 2, maximumInterval: '1 minute' },
};

/**
 * One request for a transcript or its analysis, and the write of what it says. It ends by itself after a few failures,
 * handing the call back; a worker that died is noticed by its missing
 * heartbeats, because all other looks of the run wait for this one.
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
