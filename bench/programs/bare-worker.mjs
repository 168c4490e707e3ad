/**
 * Runs the bare loop until SIGTERM: `node bare-worker.mjs <address> <task queue>`. Like the production worker it has one
 * worker for the workflows and one, with a rate, for the activities.
 */
import { fileURLToPath } from 'node:url';
import { bundleWorkflowCode, DefaultLogger, NativeConnection, Runtime, Worker } from '@temporalio/worker';

const [address, taskQueue] = process.argv.slice(2);
const logger = new DefaultLogger('ERROR');
Runtime.install({ logger });
const workflowsPath = fileURLToPath(new URL('./bare-workflows.js', import.meta.url));
const connection = await NativeConnection.connect({ address });
const workers = [
  await Worker.create({
    connection,
    taskQueue,
    workflowBundle: await bundleWorkflowCode({ workflowsPath, logger }),
    maxCachedWorkflows: 500,
  }),
  await Worker.create({
    connection,
    taskQueue: `${taskQueue}-api`,
    activities: { nothing: () => Promise.resolve() },
    maxTaskQueueActivitiesPerSecond: 1_000,
    maxConcurrentActivityTaskExecutions: 20,
  }),
];
const running = Promise.all(workers.map((worker) => worker.run()));
process.stdout.write('running\n');
await running;
await connection.close();
