import { randomUUID } from 'node:crypto';
import getPort from 'get-port';
import { describe, expect, it } from 'vitest';
import { answerWith } from '../../src/sample/faults.js';
import type { FakeInvoca } from '../../src/sample/fake-invoca.js';
import { startDrain } from '../../src/temporal/runs/account-workflows.js';
import { apiTaskQueue, transcriptWorkflowId, WORKFLOW_TASK_QUEUE } from '../../src/workflows/ids.js';
import { minimalRows, startInvoca } from '../support/fake-invoca.js';
import { callDocuments, insertCalls, LEASE_MS } from '../support/pending-calls.js';
import { callweave, invocaSettings, serverSettings } from '../support/program.js';
import { useTestNamespace } from '../support/temporal-namespace.js';
import { temporaryFolder } from '../support/temporary-folder.js';
import { useTestDatabase } from '../support/test-database.js';

const temporal = useTestNamespace();
const mongodb = useTestDatabase();

const LOOKS_AT_ONCE = 10;

describe('two worker processes', { timeout: 120_000 }, () => {
  it('make no request after one of them got a 429, halve the rate, and count what they do', async () => {
    const account = `a-${randomUUID().slice(0, 8)}`;
    const invoca = await startInvoca({ rows: minimalRows(150) });
    invoca.plan({
      when: ({ query }) => query['start_after_transaction_id'] !== undefined,
      answer: answerWith({ status: 429, headers: { 'retry-after': '3000' } }),
    });
    const first = await startWorker({ account, invoca });
    const { handle: drain } = await startDrain(temporal.client, account);
    await expect.poll(() => mongodb.store.limits.read(account), { timeout: 30_000 }).toMatchObject({ rate: 2 });

    const second = await startWorker({ account, invoca });
    const identities = await lookUntilTwoTookPart(account);

    expect(identities.size).toBe(2);
    expect(invoca.requests).toHaveLength(2);
    expect(await limitOf(account)).toBe(2);
    await expect.poll(() => second.metrics(), { timeout: 30_000 }).toContain('callweave_holds{');
    const samples = await first.metrics();
    expect(valueOf(samples, 'callweave_requests_total', { account, kind: 'page', outcome: 'answered' })).toBe(1);
    expect(valueOf(samples, 'callweave_requests_total', { account, kind: 'page', outcome: 'rate-limited' })).toBe(1);
    expect(valueOf(samples, 'callweave_rows_total', { account })).toBe(100);
    expect(valueOf(samples, 'callweave_calls_changed_total', { account })).toBe(100);
    expect(samples).not.toContain(invoca.token);
    for (const text of [samples, await second.metrics()]) {
      expect(valueOf(text, 'callweave_transcripts_total', { account, outcome: 'deferred' })).toBeGreaterThan(0);
      expect(valueOf(text, 'callweave_requests_total', { account, kind: 'transcript' })).toBeNull();
    }
    await drain.terminate('the test has seen what it wants');
  });
});

async function startWorker({ account, invoca }: { account: string; invoca: FakeInvoca }) {
  const healthAddress = `127.0.0.1:${await getPort()}`;
  const metricsAddress = `127.0.0.1:${await getPort()}`;
  void callweave(['worker'], {
    cwd: await temporaryFolder(),
    env: {
      ...serverSettings({ namespace: temporal.namespace, database: mongodb.database }),
      ...invocaSettings(invoca, account),
      INVOCA_REQUESTS_PER_SECOND: '4',
      INVOCA_PAGE_LIMIT: '100',
      CALLWEAVE_HEALTH_ADDRESS: healthAddress,
      CALLWEAVE_METRICS_ADDRESS: metricsAddress,
    },
  });
  await expect.poll(() => textAt(`http://${healthAddress}/readyz`), { timeout: 60_000 }).toBe('ok\n');
  return { metrics: () => textAt(`http://${metricsAddress}/metrics`) };
}

/** Fetches a text; empty while nothing answers at the URL. */
async function textAt(url: string): Promise<string> {
  try {
    return await (await fetch(url)).text();
  } catch {
    return '';
  }
}

/** Starts looks at transcripts regardless of the hold, until two processes have made some; returns those processes. */
async function lookUntilTwoTookPart(account: string): Promise<Set<string>> {
  const identities = new Set<string>();
  const document = callDocuments(account);
  while (identities.size < 2) {
    const documents = Array.from({ length: LOOKS_AT_ONCE }, () => document(randomUUID()));
    await insertCalls(mongodb.db, documents);
    const claim = { account, now: new Date(), leaseMs: LEASE_MS, limit: LOOKS_AT_ONCE, onlyFresh: false };
    const { claimed, leasedUntil } = await mongodb.store.transcripts.claim(claim);
    const lease = { account, leasedUntil: leasedUntil.toISOString() };
    for (const identity of await Promise.all(claimed.map((call) => lookedBy({ ...call, ...lease })))) {
      identities.add(identity);
    }
  }
  return identities;
}

/** Starts one look and returns the identity of the process that put it off. */
async function lookedBy(input: { account: string; callId: string }): Promise<string> {
  const handle = await temporal.client.workflow.start('transcript', {
    args: [input],
    workflowId: transcriptWorkflowId(input),
    taskQueue: WORKFLOW_TASK_QUEUE,
  });
  expect(await handle.result()).toBe('deferred');
  const { events } = await handle.fetchHistory();
  const started = events?.find(({ activityTaskStartedEventAttributes: attributes }) => attributes != null);
  return started?.activityTaskStartedEventAttributes?.identity ?? '';
}

async function limitOf(account: string): Promise<number | null | undefined> {
  const { config } = await temporal.client.workflowService.describeTaskQueue({
    ...Object.fromEntries([['taskQueueType', 2]]),
    namespace: temporal.namespace,
    taskQueue: { name: apiTaskQueue(account) },
    reportConfig: true,
  });
  return config?.queueRateLimit?.rateLimit?.requestsPerSecond;
}

/** Value of the first sample with these labels, whatever other labels it has; null if there is none. */
function valueOf(samples: string, name: string, labels: Record<string, string>): number | null {
  const wanted = Object.entries(labels).map(([label, value]) => `${label}="${value}"`);
  const line = samples.split('\n').find((text) => text.startsWith(`${name}{`) && wanted.every((w) => text.includes(w)));
  return line === undefined ? null : Number(line.split(' ').at(-1));
}
