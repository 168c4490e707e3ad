import { Worker } from '@temporalio/worker';
import { beforeAll, describe, expect, it } from 'vitest';
import { workflowBundle } from '../../src/worker/bundle.js';
import { quietRuntime } from '../support/temporal-namespace.js';
import { handedOver, recordedHistories } from './histories.js';

const histories = recordedHistories();

beforeAll(quietRuntime);

/** Histories, each with an event after which its workflow asks again. */
const ASKING = [
  { name: 'drain-hands-over', after: 'TIMER_FIRED' },
  { name: 'drain-starts-at-a-day', after: 'ACTIVITY_TASK_COMPLETED' },
  { name: 'estimate-backfill', after: 'TIMER_FIRED' },
  { name: 'invoices-hands-over', after: 'TIMER_FIRED' },
  { name: 'nudges-finishes', after: 'TIMER_FIRED' },
  { name: 'refresh-finds-the-call', after: 'TIMER_FIRED' },
  { name: 'transcripts-hands-over', after: 'TIMER_FIRED' },
  { name: 'verify-hands-over', after: 'TIMER_FIRED' },
];

async function replay(history: (typeof histories)[number]['history']): Promise<void> {
  const workflowId = history.events?.[0]?.workflowExecutionStartedEventAttributes?.workflowId ?? undefined;
  await Worker.runReplayHistory({ workflowBundle: await workflowBundle() }, history, workflowId);
}

describe('the present workflow code', () => {
  it('has histories to replay', () => {
    expect(histories.length).toBeGreaterThanOrEqual(3);
  });

  it.each(histories)('replays $name', ({ history }) => replay(history));

  it.each(ASKING)('hands $name over before it asks again only if the server suggests it', async (at) => {
    await replay(handedOver({ ...at, task: { suggestContinueAsNew: true } }));
    await replay(handedOver({ ...at, task: { targetWorkerDeploymentVersionChanged: true } }));

    await expect(replay(handedOver({ ...at, task: {} }))).rejects.toThrow(/nondeterminism/i);
  });

  it('fails to replay a history of different code', async () => {
    const recorded = histories.find(({ name }) => name === 'drain-catches-up');
    const history = structuredClone(recorded?.history);
    const scheduled = history?.events?.find((event) => event.activityTaskScheduledEventAttributes);
    const activityType = scheduled?.activityTaskScheduledEventAttributes?.activityType;
    if (activityType) activityType.name = 'somethingElse';

    const replay = Worker.runReplayHistory({ workflowBundle: await workflowBundle() }, history);

    await expect(replay).rejects.toThrow(/somethingElse|nondeterminism/i);
  });
});
