import type { Client } from '@temporalio/client';
import { distinctBuilds, setCurrentCommand } from '../../temporal/server/builds.js';
import { limitRefusal, partitionsOf, tryQueueLimit } from '../../temporal/server/queue-limit.js';
import { queueWorkers, type QueueWorkers } from '../../temporal/server/task-queues.js';
import { apiTaskQueue } from '../../workflows/ids.js';
import type { CheckResult } from './check-result.js';
import { grpcTrouble } from './grpc-trouble.js';
import { ok, type Trials, warning, type Finding } from './trials.js';

interface QueueCheckInput {
  readonly client: Client;
  /** Names of the accounts. */
  readonly accounts: readonly string[];
  readonly trials: Trials;
}

const UNTIL_THEN = 'the rates of the settings apply and do not adapt to 429 answers';

/** Checks the task queues: the workers that poll them, and whether callweave may limit their rate. */
export function checkQueues({ client, accounts, trials }: QueueCheckInput): Promise<CheckResult>[] {
  return [
    trials.run({
      id: 'temporal.workers',
      look: async () => workersFinding([...(await queueWorkers(client, accounts, new Date())).values()]),
      explain: (error) => grpcTrouble(error, 'asking who polls the task queues'),
    }),
    trials.run({
      id: 'temporal.rate',
      writes: true,
      look: () => rateFinding(client, accounts),
      explain: rateTrouble,
    }),
  ];
}

/** Judges the queues of each account; an account has none if the server does not report them. */
function workersFinding(accounts: readonly (readonly QueueWorkers[])[]): Finding {
  if (accounts.some((queues) => queues.length === 0)) {
    return warning(
      'the server does not report who polls the task queues',
      'Give the credentials of callweave the right to describe task queues, and see that a worker is running',
    );
  }
  const queues = accounts.flat();
  const unpolled = queues.filter(({ pollers }) => pollers === 0);
  if (unpolled.length > 0) {
    return warning(
      `no worker polls ${namesOf(unpolled)}`,
      'Start one with `callweave worker` or `callweave dev`, with the settings of these accounts',
    );
  }
  const idle = queues.filter(({ currentPollers }) => currentPollers === 0);
  if (idle.length > 0) return notCurrentFinding(idle);
  return ok('workers poll all task queues');
}

/** Judges queues that are polled only by workers to which Temporal gives no new work. */
function notCurrentFinding(queues: readonly QueueWorkers[]): Finding {
  const builds = distinctBuilds(queues.flatMap(({ notCurrent }) => notCurrent));
  const message = `only workers whose build is not current poll ${namesOf(queues)}: nothing new runs there`;
  if (builds.length === 0) {
    return warning(message, 'Start workers of the current build (TEMPORAL_DEPLOYMENT_NAME, TEMPORAL_WORKER_BUILD_ID)');
  }
  return warning(message, `Make their build current: ${builds.map(setCurrentCommand).join(' or ')}`);
}

function namesOf(queues: readonly QueueWorkers[]): string {
  return [...new Set(queues.map(({ taskQueue }) => taskQueue))].join(', ');
}

async function rateFinding(client: Client, accounts: readonly string[]): Promise<Finding> {
  const [, partitions] = await Promise.all([tryQueueLimit(client), mostPartitions(client, accounts)]);
  const allowed = 'the rate limits of task queues can be set';
  if (partitions === null) return ok(`${allowed}; the server does not report the number of partitions`);
  if (partitions === 1) return ok(`${allowed}; one partition, so that rates are exact`);
  return ok(`${allowed}; ${partitions} partitions, so that a low rate may be lower than set, and never higher`);
}

/** Returns the greatest number of partitions of an account's queue; null if the server does not report it. */
async function mostPartitions(client: Client, accounts: readonly string[]): Promise<number | null> {
  const numbers = await Promise.all(
    accounts.map((account) => partitionsOf(client, apiTaskQueue(account)).catch(() => null)),
  );
  const known = numbers.filter((partitions) => partitions !== null);
  return known.length === 0 ? null : Math.max(...known);
}

function rateTrouble(error: unknown): Finding {
  const refusal = limitRefusal(error);
  if (refusal === null) {
    const { message } = grpcTrouble(error, 'setting the rate limit of a task queue');
    return warning(`${message}. Until it can be set, ${UNTIL_THEN}`, 'Look into the log of the server');
  }
  return warning(
    `the server does not let callweave set the rate limit of a task queue (${refusal.replace(/\.$/, '')}): ${UNTIL_THEN}`,
    'Give the credentials of callweave that right, or set a low rate (INVOCA_REQUESTS_PER_SECOND, CREDIRA_REQUESTS_PER_SECOND)',
  );
}
