import { randomUUID } from 'node:crypto';
import { Client } from '@temporalio/client';
import { msToTs } from '@temporalio/common/lib/time.js';
import { DefaultLogger, NativeConnection } from '@temporalio/worker';
import { afterAll, beforeAll, inject } from 'vitest';
import { installRuntime } from '../../src/worker/runtime.js';
import { ensureSearchAttributes } from '../../src/temporal/server/search-attributes.js';
import { connectTemporal } from './temporal-connection.js';

export interface TestNamespace {
  readonly namespace: string;
  readonly client: Client;
  /** Connection for workers. */
  readonly connection: NativeConnection;
}

/**
 * Registers a separate namespace for the test file on the run's Temporal server, with our search attributes. Files do
 * not see each other's task queues, workflows and schedules. Call it at the top of the file.
 */
export function useTestNamespace(): TestNamespace {
  const namespace = `test-${randomUUID()}`;
  let opened: { close: () => Promise<void>; native: NativeConnection; client: Client } | undefined;

  beforeAll(async () => {
    quietRuntime();
    const address = inject('temporalAddress');
    const { connection, close } = await connectTemporal(address);
    await connection.workflowService.registerNamespace({
      namespace,
      workflowExecutionRetentionPeriod: msToTs('1 day'),
    });
    const client = new Client({ connection, namespace });
    await ensureSearchAttributes(client, address);
    opened = { close, client, native: await NativeConnection.connect({ address }) };
  });

  afterAll(async () => {
    await opened?.native.close();
    await opened?.close();
  });

  const ready = (): NonNullable<typeof opened> => {
    if (opened === undefined) throw new Error('The namespace is registered in beforeAll: use it inside a test.');
    return opened;
  };
  return {
    namespace,
    get client() {
      return ready().client;
    },
    get connection() {
      return ready().native;
    },
  };
}

let isQuiet = false;

/** Limits the SDK's log to errors, since tests provoke many warnings. A process has one runtime. */
export function quietRuntime(): void {
  if (!isQuiet) installRuntime({ logger: new DefaultLogger('ERROR'), metricsAddress: null });
  isQuiet = true;
}
