import { Connection } from '@temporalio/client';
import { retryUnless } from '../../src/temporal/server/retries.js';

export interface OpenedConnection {
  readonly connection: Connection;
  readonly close: () => Promise<void>;
}

/** Connects to a Temporal server. A request that waits for another attempt when it closes is never made. */
export async function connectTemporal(address: string): Promise<OpenedConnection> {
  let isClosing = false;
  const connection = await Connection.connect({ address, interceptors: [retryUnless(() => isClosing)] });
  const close = async (): Promise<void> => {
    isClosing = true;
    await connection.close();
  };
  return { connection, close };
}
