import type { ServerResponse } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import type { TranscriptPolicy, TranscriptStatus } from '../../../src/domain/transcripts/transcript.js';
import { answerWith } from '../../../src/sample/faults.js';
import type { TranscriptFate, TranscriptPlan } from '../../../src/sample/transcripts/transcript-plan.js';
import { startTranscripts, type TranscriptsHandle } from '../../../src/temporal/runs/account-workflows.js';
import { progressOf } from '../../../src/temporal/runs/run-state.js';
import {
  accountWorkflowId,
  searchAttributesOf,
  transcriptWorkflowId,
  TRANSCRIPTS,
  WORKFLOW_TASK_QUEUE,
} from '../../../src/workflows/ids.js';
import {
  transcriptsProgressQuery,
  type TranscriptsProgress,
} from '../../../src/workflows/transcripts/transcripts-progress.js';
import { startDrainWorld, type DrainWorld } from '../../support/drain-world.js';
import { minimalRows } from '../../support/fake-invoca.js';
import { useTestNamespace } from '../../support/temporal-namespace.js';
import { useTestDatabase } from '../../support/test-database.js';

const servers = { temporal: useTestNamespace(), mongodb: useTestDatabase() };
/** Policy whose deadline has passed for all calls of the fake, so that each is asked for once. */
const transcripts: TranscriptPolicy = { enabled: true, maxAgeMs: null, delaysMs: [1_000], deadlineMs: 2_000 };

const FATES: { fate: TranscriptFate; status: TranscriptStatus }[] = [
  { fate: 'ready', status: 'available' },
  { fate: 'none', status: 'none' },
  { fate: 'silent', status: 'expired' },
  { fate: 'gone', status: 'gone' },
  { fate: 'forbidden', status: 'forbidden' },
];

/** Drains calls whose transcripts follow the plans, or are all ready. */
async function drainedWorld(calls: number, plans?: readonly TranscriptPlan[]): Promise<DrainWorld> {
  const rows = minimalRows(calls);
  const world = await startDrainWorld({
    servers,
    invoca: { rows, transcripts: plans ?? rows.map((_row, index) => ({ callId: `CALL-${index}` })) },
    feed: { transcripts },
  });
  await (await world.startDrain()).result();
  return world;
}

function statusesOf(world: DrainWorld) {
  return servers.mongodb.store.callCounts.read(world.account).then(({ byStatus }) => byStatus);
}

async function progressWhere(
  handle: TranscriptsHandle,
  isSo: (progress: TranscriptsProgress) => boolean,
): Promise<TranscriptsProgress> {
  for (;;) {
    const progress = await progressOf(handle, transcriptsProgressQuery);
    if (progress !== null && isSo(progress)) return progress;
    await sleep(50);
  }
}

describe('transcripts', () => {
  it('gives every due call its status, with one child and one download for each transcript', async () => {
    const plans = Array.from({ length: 50 }, (_unused, index) => {
      const { fate = 'ready' } = FATES[index % FATES.length] ?? {};
      return { callId: `CALL-${index}`, fate } satisfies TranscriptPlan;
    });
    const world = await drainedWorld(50, plans);

    const result = await (await world.startTranscripts()).result();

    const expected = Object.fromEntries(FATES.map(({ status }) => [status, 10]));
    expect(await statusesOf(world)).toEqual(expected);
    expect(result).toMatchObject({ account: world.account, looks: expected });
    const delivered = [...world.invoca.requestsByCall.values()].map((requests) => requests.delivered);
    expect(Math.max(...delivered)).toBe(1);
    const workflowId = transcriptWorkflowId({ account: world.account, callId: 'CALL-7' });
    const child = await servers.temporal.client.workflow.getHandle(workflowId).describe();
    expect(child.type).toBe('transcript');
    expect(child.parentExecution?.workflowId).toBe(accountWorkflowId(TRANSCRIPTS, world.account));
  });

  it('completes at once if nothing is due', async () => {
    const world = await drainedWorld(2);
    await (await world.startTranscripts()).result();

    expect(await (await world.startTranscripts()).result()).toEqual({ account: world.account, looks: {}, rests: [] });
    expect([...world.invoca.requestsByCall.values()].map(({ transcript }) => transcript)).toEqual([1, 1]);
  });

  it('waits for its children before it continues as new', async () => {
    const world = await drainedWorld(12);
    const handle = await servers.temporal.client.workflow.start('transcripts', {
      args: [{ account: world.account, maxLooksPerRun: 5 }],
      workflowId: accountWorkflowId(TRANSCRIPTS, world.account),
      taskQueue: WORKFLOW_TASK_QUEUE,
      typedSearchAttributes: searchAttributesOf({ account: world.account, mode: 'dispatch' }),
    });

    expect(await handle.result()).toMatchObject({ looks: { available: 12 } });
    const { runId } = await servers.temporal.client.workflow.getHandle(handle.workflowId).describe();
    expect(runId).not.toBe(handle.firstExecutionRunId);
    expect(await statusesOf(world)).toEqual({ available: 12 });
  });

  it('asks only once if two dispatchers run at the same time', async () => {
    const world = await drainedWorld(60);
    const second = await servers.temporal.client.workflow.start('transcripts', {
      args: [{ account: world.account }],
      workflowId: `${accountWorkflowId(TRANSCRIPTS, world.account)}-second`,
      taskQueue: WORKFLOW_TASK_QUEUE,
    });
    const first = await startTranscripts(servers.temporal.client, world.account);

    await Promise.all([first.handle.result(), second.result()]);

    expect(await statusesOf(world)).toEqual({ available: 60 });
    const asked = [...world.invoca.requestsByCall.values()].map(({ transcript }) => transcript);
    expect(asked).toEqual(Array.from({ length: 60 }, () => 1));
  });

  it('continues when a look is terminated; its call is due again when the lease expires', async () => {
    const world = await drainedWorld(3);
    const unanswered = new Promise<ServerResponse>((resolve) => {
      world.invoca.plan({
        when: ({ path }) => path.endsWith('/CALL-1'),
        answer: ({ response }) => {
          resolve(response);
        },
      });
    });
    const handle = await world.startTranscripts();
    const response = await unanswered;

    const workflowId = transcriptWorkflowId({ account: world.account, callId: 'CALL-1' });
    await servers.temporal.client.workflow.getHandle(workflowId).terminate('by an operator');

    expect(await handle.result()).toMatchObject({ looks: { available: 2, failed: 1 } });
    expect(await statusesOf(world)).toEqual({ available: 2, pending: 1 });
    response.destroy();
  });

  it('skips a lane on hold instead of waiting, and asks at once after forbidden calls are retried', async () => {
    let isMended = false;
    const plans = Array.from({ length: 14 }, (_unused, index) => ({
      callId: `CALL-${index}`,
      get fate(): TranscriptFate {
        return isMended ? 'ready' : 'forbidden';
      },
    }));
    const world = await drainedWorld(14, plans);

    const refused = await (await world.startTranscripts()).result();
    const held = await (await world.startTranscripts()).result();

    expect(refused.looks.forbidden).toBeGreaterThanOrEqual(10);
    expect(held).toMatchObject({ looks: {}, rests: [{ lane: 'old' }] });
    isMended = true;
    await servers.mongodb.store.transcripts.retry({ account: world.account, status: 'forbidden', now: new Date() });
    const retried = await (await world.startTranscripts()).result();
    expect(retried).toEqual({ account: world.account, looks: { available: 14 }, rests: [] });
  });

  it('shows the reason of its wait while the account is on hold', async () => {
    const world = await drainedWorld(2);
    world.invoca.plan({ answer: answerWith({ status: 429, headers: { 'retry-after': '600' } }) });

    const handle = await world.startTranscripts();
    const { waiting } = await progressWhere(handle, (progress) => progress.waiting !== null);

    expect(waiting?.reason).toContain('429');
    await handle.terminate('the test has seen it wait');
  });
});
