import { Worker } from '@temporalio/worker';
import { beforeAll, describe, expect, it } from 'vitest';
import { workflowBundle } from '../../src/worker/bundle.js';
import { quietRuntime } from '../support/temporal-namespace.js';
import { recordedHistories } from './histories.js';

const histories = recordedHistories();

beforeAll(quietRuntime);

describe('the workflow code of today', () => {
  it('has histories to replay', () => {
    expect(histories.length).toBeGreaterThanOrEqual(3);
  });

  it.each(histories)('replays $name', async ({ history }) => {
    const workflowId = history.events?.[0]?.workflowExecutionStartedEventAttributes?.workflowId ?? undefined;
    await Worker.runReplayHistory({ workflowBundle: await workflowBundle() }, history, workflowId);
  });

  it('is told from code that would do something else', async () => {
    const recorded = histories.find(({ name }) => name === 'drain-catches-up');
    const history = structuredClone(recorded?.history);
    const scheduled = history?.events?.find((event) => event.activityTaskScheduledEventAttributes);
    const activityType = scheduled?.activityTaskScheduledEventAttributes?.activityType;
    if (activityType) activityType.name = 'somethingElse';

    const replay = Worker.runReplayHistory({ workflowBundle: await workflowBundle() }, history);

    await expect(replay).rejects.toThrow(/somethingElse|nondeterminism/i);
  });
});
