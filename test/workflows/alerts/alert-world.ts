import { randomUUID } from 'node:crypto';
import { ApplicationFailure } from '@temporalio/common';
import { beforeEach } from 'vitest';
import type { Attention } from '../../../src/domain/alerts/attention.js';
import { createAlertClient } from '../../../src/sources/alerts/alert-client.js';
import type { AlertStore } from '../../../src/store/alerts/alerts.js';
import type { Store } from '../../../src/store/store.js';
import { WORKFLOW_TASK_QUEUE } from '../../../src/workflows/ids.js';
import type { alerts } from '../../../src/workflows/alerts/alerts.js';
import type { AlertsResult } from '../../../src/workflows/alerts/alerts-progress.js';
import { startAlertReceiver, type AlertReceiver } from '../../support/alert-receiver.js';
import { startWorker } from '../../support/drain-world.js';
import { fixedRates } from '../../support/request-rates.js';
import type { TestNamespace } from '../../support/temporal-namespace.js';
import type { TestDatabase } from '../../support/test-database.js';

export interface AlertServers {
  readonly temporal: TestNamespace;
  readonly mongodb: TestDatabase;
}

export interface AlertWorld {
  readonly receiver: AlertReceiver;
  /** Changes what needs a person: accounts by code, with a message that no history may contain. */
  raise(conditions: Readonly<Partial<Record<Attention['code'], readonly string[]>>>): void;
  /** Runs the workflow once. A post that fails is not repeated in the same run unless `postsMs` says so. */
  run(postsMs?: number): Promise<AlertsResult>;
  /** Id of the last run. */
  lastRun(): string;
  /** Makes the worker die as often between the next posts and the notes that they have arrived. */
  dieAfterPosts(times: number): void;
  /** Makes posts that wait due now. */
  makeDue(): Promise<void>;
}

/** Number of rejects of every account in these tests. */
const REJECTS = 3;
export const MESSAGE = 'PRIVATE-WORDS of a condition';

export function emptyAlerts({ mongodb }: AlertServers): void {
  beforeEach(async () => {
    await mongodb.db.collection('alerts').deleteMany({});
  });
}

/** Starts a receiver of alerts and a worker, unless it has no receiver; both stop when the test ends. */
export async function startAlertWorld(
  { temporal, mongodb }: AlertServers,
  { hasReceiver = true }: { hasReceiver?: boolean } = {},
): Promise<AlertWorld> {
  const receiver = await startAlertReceiver();
  const heartbeat = { url: receiver.heartbeatUrl, proxy: null };
  const client = createAlertClient({ url: receiver.url, format: 'json', proxy: null, heartbeat });
  let conditions: Parameters<AlertWorld['raise']>[0] = {};
  let deaths = 0;
  let workflowId = '';
  const readAttention = () =>
    Promise.resolve(
      Object.entries(conditions).flatMap(([code, accounts]) =>
        accounts.map((account) => ({
          account,
          code: code as Attention['code'],
          message: MESSAGE,
          since: null,
          count: code === 'rejects' ? REJECTS : null,
        })),
      ),
    );
  const deps = {
    store: dying(mongodb.store, () => deaths-- > 0),
    rates: fixedRates,
    feeds: new Map(),
    invoices: new Map(),
    transcripts: new Map(),
    alerting: hasReceiver ? { ...client, readAttention, urlOf: () => null } : null,
    now: () => new Date(),
  };
  startWorker({ temporal, deps });
  return {
    receiver,
    raise: (now) => {
      conditions = now;
    },
    run: (postsMs = 1_000) => {
      workflowId = `alerts-${randomUUID()}`;
      const args: [{ postsMs: number }] = [{ postsMs }];
      return temporal.client.workflow.execute<typeof alerts>('alerts', {
        args,
        workflowId,
        taskQueue: WORKFLOW_TASK_QUEUE,
      });
    },
    lastRun: () => workflowId,
    dieAfterPosts: (times) => {
      deaths = times;
    },
    makeDue: async () => {
      const due = { $set: { 'post.nextAt': new Date() } };
      await mongodb.db.collection('alerts').updateMany({ post: { $ne: null } }, due);
    },
  };
}

/** Returns a store on which an activity dies before it notes that a post has arrived, as long as `dies` says so. */
function dying(store: Store, dies: () => boolean): Store {
  const alertStore = new Proxy(store.alerts, {
    get(target, name) {
      const told: AlertStore['told'] = (...args) =>
        dies() ? Promise.reject(ApplicationFailure.create({ message: 'the worker died' })) : target.told(...args);
      if (name === 'told') return told;
      const member: unknown = Reflect.get(target, name);
      return typeof member === 'function' ? (member.bind(target) as unknown) : member;
    },
  });
  return { ...store, alerts: alertStore };
}
