import { randomUUID } from 'node:crypto';
import { WorkflowNotFoundError } from '@temporalio/common';
import { describe, expect, it } from 'vitest';
import type { TranscriptPolicy } from '../../../src/domain/transcripts/transcript.js';
import { TRANSCRIPTS_INTERVAL_MS } from '../../../src/domain/transcripts/looking-ahead.js';
import { sampleAccount } from '../../../src/settings/sample-account.js';
import type { TranscriptsHandle } from '../../../src/temporal/runs/account-workflows.js';
import { progressOf } from '../../../src/temporal/runs/run-state.js';
import { createTranscriptDispatcher } from '../../../src/temporal/runs/transcript-dispatcher.js';
import { pauseSchedule, resumeSchedule, triggerSchedule } from '../../../src/temporal/schedules/schedule-operations.js';
import { schedulesOf } from '../../../src/temporal/schedules/schedules.js';
import { dispatcherWorkflowId } from '../../../src/workflows/ids.js';
import { transcriptsProgressQuery } from '../../../src/workflows/transcripts/transcripts-progress.js';
import { billableActions } from '../../support/billable-actions.js';
import { startDrainWorld, type DrainWorld } from '../../support/drain-world.js';
import { storedCall } from '../../support/pending-calls.js';
import { useTestNamespace } from '../../support/temporal-namespace.js';
import { useTestDatabase } from '../../support/test-database.js';

const servers = { temporal: useTestNamespace(), mongodb: useTestDatabase() };
const DAY_MS = 86_400_000;
const FIRST_LOOK_MS = 60_000;
const policy: TranscriptPolicy = { enabled: true, maxAgeMs: null, delaysMs: [FIRST_LOOK_MS], deadlineMs: DAY_MS };

interface Scene {
  readonly world: DrainWorld;
  readonly scheduleId: string;
  readonly dispatcher: TranscriptsHandle;
  /** Lets the source show the next call, and drains it. */
  drainNext(): Promise<void>;
  transcriptOf(index: number): ReturnType<typeof storedCall>;
}

/** Starts an account with calls whose first looks are due so many milliseconds from now, and a schedule. */
async function aScene(dueInMs: readonly number[]): Promise<Scene> {
  const { temporal, mongodb } = servers;
  const { client } = temporal;
  const name = `a-${randomUUID().slice(0, 8)}`;
  const startedMs = Date.now();
  let shown = 0;
  const world = await startDrainWorld({
    servers,
    invoca: {
      feed: {
        rows: dueInMs.map((dueMs, index) => ({
          availableAt: new Date(startedMs + (index + 1) * DAY_MS),
          row: {
            transaction_id: `${9_999 - index}-0000`,
            complete_call_id: `CALL-${index}`,
            transaction_type: 'Call',
            start_time_utc: startedMs + dueMs - FIRST_LOOK_MS - 60_000,
            duration: 60,
          },
        })),
      },
      transcripts: dueInMs.map((_dueMs, index) => ({ callId: `CALL-${index}` })),
      now: () => new Date(startedMs + shown * DAY_MS),
    },
    feed: { name, transcripts: policy },
    dispatcher: createTranscriptDispatcher({ client, account: { name, pollIntervalMs: 1_000 } }),
  });
  return {
    world,
    scheduleId: await aSchedule(name),
    dispatcher: client.workflow.getHandle(dispatcherWorkflowId(name)),
    drainNext: async () => {
      shown += 1;
      await (await world.startDrain()).result();
    },
    transcriptOf: (index) => storedCall(mongodb.db, `${name}:CALL-${index}`),
  };
}

/** Makes the account's schedule with such an interval that it starts nothing by itself during a test. */
async function aSchedule(account: string): Promise<string> {
  const sample = sampleAccount({ baseUrl: 'http://127.0.0.1:1', token: 'none', networkId: '1' });
  const scheduleId = `transcripts/${account}`;
  const schedule = schedulesOf({ ...sample, name: account }).find((options) => options.scheduleId === scheduleId);
  if (schedule === undefined) throw new Error('the settings ask for a schedule of transcripts');
  await servers.temporal.client.schedule.create({
    ...schedule,
    spec: { intervals: [{ every: '300 days' }] },
    state: {},
  });
  return scheduleId;
}

async function asleepUntil({ dispatcher }: Scene): Promise<number> {
  const nextLook = async () => (await progressOf(dispatcher, transcriptsProgressQuery))?.nextLook ?? null;
  await expect.poll(nextLook, { timeout: 20_000 }).not.toBeNull();
  return Date.parse((await nextLook()) ?? '');
}

describe('the dispatcher of transcripts', () => {
  it('looks at a call that a drain has stored once it is due, without the schedule, and then ends', async () => {
    const scene = await aScene([4_000]);
    await scene.drainNext();

    const result = await scene.dispatcher.result();

    expect(result.looks).toEqual({ available: 1 });
    const { startedAt, transcript } = await scene.transcriptOf(0);
    const lateMs = (transcript.fetchedAt?.getTime() ?? 0) - (startedAt?.getTime() ?? 0) - 60_000 - FIRST_LOOK_MS;
    expect(lateMs).toBeGreaterThanOrEqual(0);
    expect(lateMs).toBeLessThan(60_000);
    // One for the start by a signal, three claims, a timer before and one during the look, and two for its workflow.
    expect(billableActions(await scene.dispatcher.fetchHistory())).toBeLessThanOrEqual(9);
  });

  it('makes the look also if its worker is replaced while it sleeps', async () => {
    const scene = await aScene([20_000]);
    await scene.drainNext();
    await asleepUntil(scene);

    await scene.world.replaceWorker();

    expect((await scene.dispatcher.result()).looks).toEqual({ available: 1 });
  });

  it('looks in time at a call that is stored while it sleeps for a later one', async () => {
    const scene = await aScene([600_000, 3_000]);
    await scene.drainNext();
    const sleptUntil = await asleepUntil(scene);

    await scene.drainNext();

    await expect
      .poll(async () => (await scene.transcriptOf(1)).transcript.status, { timeout: 30_000 })
      .toBe('available');
    expect(Date.now()).toBeLessThan(sleptUntil);
    expect((await scene.transcriptOf(0)).transcript.status).toBe('pending');
    expect(await asleepUntil(scene)).toBe(sleptUntil);
    await scene.dispatcher.terminate('the test has seen it sleep again');
  });

  it('makes no look while its schedule is paused, and ends; those due follow when it is resumed', async () => {
    const { client } = servers.temporal;
    const scene = await aScene([600_000, 0]);
    await scene.drainNext();
    await asleepUntil(scene);
    await pauseSchedule(client, scene.scheduleId, 'by a test');

    await scene.drainNext();

    expect((await scene.dispatcher.result()).looks).toEqual({});
    expect((await scene.transcriptOf(1)).transcript.attempts).toBe(0);
    await resumeSchedule(client, scene.scheduleId, 'by a test');
    await expect
      .poll(async () => (await scene.transcriptOf(1)).transcript.status, { timeout: 30_000 })
      .toBe('available');
    expect((await scene.transcriptOf(0)).transcript.status).toBe('pending');
    // The look was made by the dispatcher, or by the run of the schedule, after which no dispatcher need run.
    await scene.dispatcher.terminate('the test has seen the look').catch(() => undefined);
  });

  it('is not started by an account that has nothing due soon, whose schedule costs 11,520 actions a month', async () => {
    const { client } = servers.temporal;
    const scene = await aScene([3_600_000]);
    await scene.drainNext();

    await triggerSchedule(client, scene.scheduleId);

    const run = async () => {
      const { info } = await client.schedule.getHandle(scene.scheduleId).describe();
      return info.recentActions.at(-1)?.action.workflow;
    };
    await expect.poll(run, { timeout: 20_000 }).toBeDefined();
    const { workflowId = '', firstExecutionRunId } = (await run()) ?? {};
    const handle = client.workflow.getHandle(workflowId, firstExecutionRunId);
    expect(await handle.result()).toEqual({ account: scene.world.account, looks: {}, rests: [] });
    const actions = billableActions(await handle.fetchHistory());
    expect((actions * 30 * DAY_MS) / TRANSCRIPTS_INTERVAL_MS).toBe(11_520);
    await expect(scene.dispatcher.describe()).rejects.toThrow(WorkflowNotFoundError);
  });
});
