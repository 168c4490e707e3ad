import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http2';
import type { AddressInfo } from 'node:net';
import { DefaultLogger, NativeConnection, type LogEntry } from '@temporalio/worker';
import { describe, expect, it, onTestFinished } from 'vitest';
import { createQueueRates } from '../../src/worker/queue-rate.js';
import { apiTaskQueue } from '../../src/workflows/ids.js';
import { useTestNamespace } from '../support/temporal-namespace.js';

const temporal = useTestNamespace();

/** The gRPC frame of an empty, uncompressed message. */
const EMPTY_MESSAGE = Buffer.alloc(5);

describe('createQueueRates', () => {
  it('limits the account’s API queue, whatever its limit was before', async () => {
    const { account, entries, setQueueRate } = aQueue(temporal.connection);

    await setQueueRate({ account, rate: 3 });
    expect(await limitOf(account)).toBe(3);
    await setQueueRate({ account, rate: 0.01 });

    expect(await limitOf(account)).toBeCloseTo(0.01);
    expect(entries).toEqual([]);
  });

  it('keeps the last of several changes', async () => {
    const { account, setQueueRate } = aQueue(temporal.connection);

    await Promise.all([3, 1.5, 0.75].map((rate) => setQueueRate({ account, rate })));

    expect(await limitOf(account)).toBe(0.75);
  });

  it.each([
    ['UNIMPLEMENTED', 12],
    ['PERMISSION_DENIED', 7],
  ])('warns once if the server answers %s, and does not try again', async (_name, status) => {
    const server = await startRefusingServer(status);
    const { account, entries, setQueueRate } = aQueue(server.connection);

    await Promise.all([setQueueRate({ account, rate: 3 }), setQueueRate({ account: `${account}-2`, rate: 3 })]);
    await setQueueRate({ account, rate: 1.5 });

    expect(entries.map(({ message }) => message)).toEqual([expect.stringContaining('the rates of the settings apply')]);
    expect(server.updates()).toBeLessThanOrEqual(2);
  });

  it('logs any other failure, and sets the limit at the next call', async () => {
    const server = await startRefusingServer(3);
    const { account, entries, setQueueRate } = aQueue(server.connection);

    await setQueueRate({ account, rate: 3 });
    await setQueueRate({ account, rate: 3 });

    expect(entries.map(({ message }) => message)).toEqual(Array(2).fill('Cannot set the rate limit of a task queue'));
    expect(server.updates()).toBe(2);
  });
});

function aQueue(connection: NativeConnection) {
  const account = `a-${randomUUID().slice(0, 8)}`;
  const entries: LogEntry[] = [];
  const logger = new DefaultLogger('INFO', (entry) => entries.push(entry));
  return { account, entries, setQueueRate: createQueueRates({ connection, namespace: temporal.namespace, logger }) };
}

async function limitOf(account: string): Promise<number | null | undefined> {
  const request = Object.fromEntries([['taskQueueType', 2]]);
  const { config } = await temporal.client.workflowService.describeTaskQueue({
    ...request,
    namespace: temporal.namespace,
    taskQueue: { name: apiTaskQueue(account) },
    reportConfig: true,
  });
  return config?.queueRateLimit?.rateLimit?.requestsPerSecond;
}

/** A gRPC server that answers each call with an empty message, and an update of a queue's limits with the status. */
async function startRefusingServer(
  status: number,
): Promise<{ readonly connection: NativeConnection; updates(): number }> {
  let updates = 0;
  const server = createServer();
  server.on('stream', (stream, headers) => {
    const isUpdate = headers[':path']?.endsWith('/UpdateTaskQueueConfig') ?? false;
    if (isUpdate) updates += 1;
    stream.respond({ ':status': 200, 'content-type': 'application/grpc' }, { waitForTrailers: true });
    stream.on('wantTrailers', () => {
      stream.sendTrailers({ 'grpc-status': String(isUpdate ? status : 0), 'grpc-message': 'refused by a test' });
    });
    stream.end(isUpdate ? undefined : EMPTY_MESSAGE);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const connection = await NativeConnection.connect({ address: `127.0.0.1:${port}` });
  onTestFinished(async () => {
    await connection.close();
    server.close();
  });
  return { connection, updates: () => updates };
}
