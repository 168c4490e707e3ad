import { executeChild, proxyActivities, workflowInfo } from '@temporalio/workflow';

const { nothing } = proxyActivities({ startToCloseTimeout: '1 minute' });

/** Runs `count` children, `size` at once. */
export async function trivialChildren({ count, size }) {
  const { workflowId } = workflowInfo();
  let started = 0;
  async function runLane() {
    while (started < count) {
      started += 1;
      await executeChild(trivialChild, { workflowId: `${workflowId}/${started}` });
    }
  }
  await Promise.all(Array.from({ length: size }, runLane));
}

export async function trivialChild() {
  await nothing();
}
