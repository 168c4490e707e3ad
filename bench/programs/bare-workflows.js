/**
 * The bare loop: children like those of a look (a queue of their own for the activity, search attributes, summary, priority
 * and time limits), whose only activity does nothing.
 */
import { defineSearchAttributeKey } from '@temporalio/common';
import { executeChild, proxyActivities, workflowInfo } from '@temporalio/workflow';

const ACCOUNT = defineSearchAttributeKey('CallweaveAccount', 'KEYWORD');
const MODE = defineSearchAttributeKey('CallweaveMode', 'KEYWORD');

/** Runs `count` children, `size` at once. */
export async function bareLoop({ count, size }) {
  const { workflowId } = workflowInfo();
  let started = 0;
  async function runLane() {
    while (started < count) {
      started += 1;
      await executeChild(bareLook, {
        workflowId: `${workflowId}/${started}`,
        workflowExecutionTimeout: '25 minutes',
        typedSearchAttributes: [
          { key: ACCOUNT, value: 'bare' },
          { key: MODE, value: 'transcript' },
        ],
        staticSummary: `Transcript: bare, old call, look ${started}`,
      });
    }
  }
  await Promise.all(Array.from({ length: size }, runLane));
}

export async function bareLook() {
  const { nothing } = proxyActivities({
    taskQueue: `${workflowInfo().taskQueue}-api`,
    startToCloseTimeout: '4 minutes',
    heartbeatTimeout: '20 seconds',
    retry: { initialInterval: '2 seconds', backoffCoefficient: 2, maximumInterval: '10 seconds' },
    priority: { priorityKey: 5 },
    allowEagerDispatch: false,
  });
  await nothing();
}
