import { Worker } from '@temporalio/worker';
import { beforeAll, describe, expect, it } from 'vitest';
import { workflowBundle } from '../../src/worker/bundle.js';
import { quietRuntime } from '../support/temporal-namespace.js';
import { handedOver, recordedHistories } from './histories.js';

const histories = recordedHistories();

beforeAll(quietRuntime);

/** Histories, and an event after which their workflow asks again. */
const ASKING = [
  { name: 'drain-hands-over', after: 'TIMER_FIRED' },
  { name: 'drain-starts-at-a-day', after: 'ACTIVITY_TASK_COMPLETED' },
  { name: 'estimate-backfill', after: 'TIMER_FIRED' },
  { name: 'invoices-hands-over', after: 'TIMER_FIRED' },
  { name: 'refresh-finds-the-call', after: 'TIMER_FIRED' },
  { name: 'transcripts-hands-over', after: 'TIMER_FIRED' },
  { name: 'verify-hands-over', after: 'TIMER_FIRED' },
];

async function replay(history: (typeof histories)[number]['history']): Promise<void> {
  const workflowId = history.events?.[0]?.workflowExecutionStartedEventAttributes?.workflowId ?? undefined;
  await Worker.runReplayHistory({ workflowBundle: await workflowBundle() }, history, workflowId);
}

describe('the workflow code of today', () => {
  it('has histories to replay', () => {
    expect(histories.length).toBeGreaterThanOrEqual(3);
  });

  it.each(histories)('replays $name', ({ history }) => replay(history));

  it.each(ASKING)('in $name, hands over before it asks again where the history is long, and only there', async (at) => {
    await replay(handedOver({ ...at, isSuggested: true }));

    await expect(replay(handedOver({ ...at, isSuggested: false }))).rejects.toThrow(/nondeterminism/i);
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
