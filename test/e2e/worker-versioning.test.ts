import { fileURLToPath } from 'node:url';
import type { WorkflowHandle } from '@temporalio/client';
import { bundleWorkflowCode, DefaultLogger, Worker } from '@temporalio/worker';
import { describe, expect, it, vi } from 'vitest';
import type { CheckResult } from '../../src/operations/check/check-result.js';
import type { Attention } from '../../src/domain/alerts/attention.js';
import type { WorkerBuild } from '../../src/settings/deployment.js';
import { startBackfill } from '../../src/temporal/runs/backfills.js';
import { queueWorkers, type QueueWorkers } from '../../src/temporal/server/task-queues.js';
import { holdAnswers, tenDays } from '../support/backfills.js';
import { noDispatcher } from '../support/dispatchers.js';
import { startWorker } from '../support/drain-world.js';
import { startInvoca, transcriptsOf } from '../support/fake-invoca.js';
import { feedAccount } from '../support/feed-account.js';
import { callweave, invocaSettings, serverSettings, untilSaid } from '../support/program.js';
import { fixedRates } from '../support/request-rates.js';
import { runCommandLine } from '../support/run-cli.js';
import { useTestDatabase } from '../support/test-database.js';
import { useTestNamespace } from '../support/temporal-namespace.js';
import { temporaryFolder } from '../support/temporary-folder.js';

const temporal = useTestNamespace();
const mongodb = useTestDatabase();

const ACCOUNT = 'versioned';
const [V1, V2] = ['v1', 'v2'].map((buildId) => ({ deploymentName: 'calls', buildId })) as [WorkerBuild, WorkerBuild];
const DAYS = 60;
const RANGE = { from: '2024-05-01', to: '2024-06-29' };

const oneRowPerDay = Array.from({ length: DAYS }, (_unused, day) => ({
  transaction_id: `${String(9_999 - day)}-0000`,
  complete_call_id: `CALL-${day}`,
  transaction_type: 'Call',
  start_time_utc: Date.UTC(2024, 4, 1 + day, 12),
  duration: 60,
}));

/** Makes a build current as soon as Temporal knows it, and waits until all queues route new work to it. */
async function makeCurrent(build: WorkerBuild): Promise<void> {
  const { client, namespace } = temporal;
  await expect
    .poll(() =>
      client.workflowService.setWorkerDeploymentCurrentVersion({ namespace, ...build }).then(() => 'set', String),
    )
    .toBe('set');
  await expect.poll(async () => (await workers()).map(({ currentPollers }) => currentPollers)).toEqual([1, 1]);
}

async function workers(): Promise<readonly QueueWorkers[]> {
  return (await queueWorkers(temporal.client, [ACCOUNT], new Date())).get(ACCOUNT) ?? [];
}

/** Returns the number of running workflows that are pinned to a build. */
async function runningOn({ deploymentName, buildId }: WorkerBuild): Promise<number> {
  const query = `TemporalWorkerDeploymentVersion = '${deploymentName}:${buildId}' AND ExecutionStatus = 'Running'`;
  return (await temporal.client.workflow.count(query)).count;
}

type History = Awaited<ReturnType<WorkflowHandle['fetchHistory']>>;

interface Run {
  readonly type: string;
  readonly events: NonNullable<History['events']>;
  readonly history: History;
  /** Builds that its workflow tasks were done by. */
  readonly builds: readonly string[];
}

async function allRuns(): Promise<Run[]> {
  const runs: Run[] = [];
  const { workflow } = temporal.client;
  for await (const { type, workflowId, runId } of workflow.list({ query: "WorkflowId STARTS_WITH 'backfill/'" })) {
    const history = await workflow.getHandle(workflowId, runId).fetchHistory();
    const events = history.events ?? [];
    const builds = events.flatMap(
      ({ workflowTaskCompletedEventAttributes: done }) => done?.deploymentVersion?.buildId ?? [],
    );
    runs.push({ type, events, history, builds: [...new Set(builds)] });
  }
  return runs;
}

/** Runs a command with the environment of the run's servers; returns its result. */
async function json<Result>(argv: readonly string[], env: Record<string, string>): Promise<Result> {
  vi.stubEnv('TEMPORAL_ADDRESS', env['TEMPORAL_ADDRESS']);
  vi.stubEnv('TEMPORAL_NAMESPACE', env['TEMPORAL_NAMESPACE']);
  const { stdout } = await runCommandLine({ argv: [...argv, '--json'], env });
  return JSON.parse(stdout) as Result;
}

async function codes(env: Record<string, string>): Promise<(string | null)[]> {
  const { attention } = await json<{ attention: Attention[] }>(['status'], env);
  return attention.filter(({ code }) => code === 'build-not-current').map(({ account }) => account);
}

async function workersCheck(env: Record<string, string>): Promise<CheckResult | undefined> {
  const { checks } = await json<{ checks: CheckResult[] }>(['check'], env);
  return checks.find(({ id }) => id === 'temporal.workers');
}

describe('a backfill under Worker Versioning', { timeout: 180_000 }, () => {
  it('moves to the build that becomes current, whose workflow code differs, without a failed workflow task', async () => {
    const { client } = temporal;
    const invoca = await startInvoca({ rows: oneRowPerDay, timeZone: 'UTC' });
    const env = {
      ...serverSettings({ namespace: temporal.namespace, database: mongodb.database }),
      ...invocaSettings(invoca, ACCOUNT),
      INVOCA_TIME_ZONE: 'UTC',
      INVOCA_PAGE_LIMIT: '1',
      TEMPORAL_DEPLOYMENT_NAME: V1.deploymentName,
      TEMPORAL_WORKER_BUILD_ID: V1.buildId,
    };

    const first = callweave(['worker'], { cwd: await temporaryFolder(), env });
    await untilSaid(first, 'set-current-version --deployment-name calls --build-id v1');
    await expect.poll(() => codes(env)).toEqual([null]);
    const warned = await workersCheck(env);
    expect(warned?.state).toBe('warning');
    expect(warned?.advice).toContain('--build-id v1');
    await makeCurrent(V1);
    expect(await codes(env)).toEqual([]);
    expect(await workersCheck(env)).toMatchObject({ state: 'ok' });

    const held = holdAnswers({ invoca }, { times: 4, when: () => invoca.requests.length > 40 });
    const { handle } = await startBackfill(client, tenDays(ACCOUNT, { ...RANGE, parallel: 4 }));
    await held.waitFor(4);
    const workflowsPath = fileURLToPath(new URL('../support/second-build.ts', import.meta.url));
    const workflowBundle = await bundleWorkflowCode({ workflowsPath, logger: new DefaultLogger('ERROR') });
    const feed = feedAccount(invoca, { name: ACCOUNT, timeZone: 'UTC', pageLimit: 1 });
    const transcripts = { ...feed, policy: feed.transcripts, source: transcriptsOf(invoca), children: 10 };
    startWorker({
      temporal,
      deployment: V2,
      workflowBundle,
      deps: {
        store: mongodb.store,
        rates: fixedRates,
        feeds: new Map([[ACCOUNT, feed]]),
        invoices: new Map(),
        transcripts: new Map([[ACCOUNT, { ...transcripts, dispatcher: noDispatcher }]]),
        now: () => new Date(),
      },
    });
    await makeCurrent(V2);
    expect((await workers()).map(({ notCurrent }) => notCurrent)).toEqual([[V1], [V1]]);
    await expect.poll(() => runningOn(V1)).toBe(5);
    const heldLater = holdAnswers({ invoca }, { times: 4, when: () => invoca.requests.length > 80 });
    held.release();
    await heldLater.waitFor(4);
    await expect.poll(() => runningOn(V1)).toBe(0);
    first.kill('SIGKILL');
    await first;
    heldLater.release();

    expect(await handle.result()).toMatchObject({ windows: DAYS, rows: DAYS, state: 'completed' });
    expect(await mongodb.db.collection('calls').countDocuments({ account: ACCOUNT })).toBe(DAYS);
    const runs = await allRuns();
    const failed = runs.flatMap(({ events }) => events.filter((event) => event.workflowTaskFailedEventAttributes));
    expect(failed).toEqual([]);
    expect(runs.map(({ builds }) => builds.length)).toEqual(runs.map(() => 1));
    expect(runs.filter(({ type }) => type === 'backfill').map(({ builds }) => builds[0])).toEqual(['v2', 'v1']);
    const oldRun = runs.find(({ type, builds }) => type === 'drainWindow' && builds[0] === 'v1');
    await expect(Worker.runReplayHistory({ workflowBundle }, oldRun?.history)).rejects.toThrow(/nondeterminism/i);
  });
});
