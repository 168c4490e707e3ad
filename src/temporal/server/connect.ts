import { Client, Connection, defaultGrpcRetryOptions, makeGrpcRetryInterceptor } from '@temporalio/client';
import type { ClientConnectConfig } from '@temporalio/envconfig';
import { NativeConnection } from '@temporalio/worker';
import { directToLoopback } from '../../process/loopback-host.js';
import { temporalConnection } from '../../settings/temporal.js';
import { namespaceTrouble } from './namespace-trouble.js';

/** Where Temporal is: an address we know (an embedded server), or null for what the environment says. */
export type TemporalAddress = string | null;

export interface TemporalTarget {
  readonly address: string;
  readonly namespace: string;
}

/** What the environment and Temporal's own configuration file say, with the defaults filled in. */
export function describeTarget(address: TemporalAddress): TemporalTarget {
  const { connectionOptions, namespace } = loadConfig(address);
  return { address: connectionOptions.address ?? 'localhost:7233', namespace: namespace ?? 'default' };
}

/** Opens a client connection for the time of `use`; what `use` left pending fails at its end. */
export async function withClient<T>(address: TemporalAddress, use: (client: Client) => Promise<T>): Promise<T> {
  const { connectionOptions, namespace } = loadConfig(address);
  const retry = defaultGrpcRetryOptions();
  let isClosing = false;
  // A call that was pending must not be tried again on a closed connection: that throws where nobody can catch it.
  const retryableDecider: typeof retry.retryableDecider = (...failed) =>
    !isClosing && retry.retryableDecider(...failed);
  const interceptors = [makeGrpcRetryInterceptor({ ...retry, retryableDecider })];
  const connection = await connected(address, () =>
    Connection.connect({ ...connectionOptions, ...directToLoopback(describeTarget(address).address), interceptors }),
  );
  try {
    return await use(new Client({ connection, namespace: namespace ?? 'default' }));
  } catch (error) {
    throw namespaceTrouble(error, describeTarget(address)) ?? error;
  } finally {
    isClosing = true;
    await connection.close();
  }
}

/** The connection of a worker; the caller closes it. */
export function connectWorker(address: TemporalAddress): Promise<NativeConnection> {
  const { connectionOptions } = loadConfig(address);
  return connected(address, () => NativeConnection.connect(connectionOptions));
}

function loadConfig(address: TemporalAddress): ClientConnectConfig {
  if (address === null) return temporalConnection();
  return { connectionOptions: { address }, namespace: 'default' };
}

async function connected<T>(address: TemporalAddress, connect: () => Promise<T>): Promise<T> {
  try {
    return await connect();
  } catch (cause) {
    throw new Error(
      `Cannot reach Temporal at ${describeTarget(address).address}. Check TEMPORAL_ADDRESS (and TEMPORAL_NAMESPACE, ` +
        'TEMPORAL_API_KEY, TEMPORAL_TLS), or start one with `npm start`.',
      { cause },
    );
  }
}
