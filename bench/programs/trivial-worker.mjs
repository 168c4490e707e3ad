/** Runs a worker with the SDK's defaults until SIGTERM: `node worker.mjs <address> <task queue>`. */
import { fileURLToPath } from 'node:url';
import { bundleWorkflowCode, DefaultLogger, NativeConnection, Runtime, Worker } from '@temporalio/worker';

const [address, taskQueue] = process.argv.slice(2);
const logger = new DefaultLogger('ERROR');
Runtime.install({ logger });
const workflowsPath = fileURLToPath(new URL('./workflows.js', import.meta.url));
const connection = await NativeConnection.connect({ address });
const worker = await Worker.create({
  connection,
  taskQueue,
  workflowBundle: await bundleWorkflowCode({ workflowsPath, logger }),
  activities: { nothing: () => Promise.resolve() },
});
const running = worker.run();
process.stdout.write('running\n');
await running;
await connection.close();
