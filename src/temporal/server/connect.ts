import {
  Client,
  Connection,
  defaultGrpcRetryOptions,
  makeGrpcRetryInterceptor,
  isGrpcServiceError,
} from '@temporalio/client';
import type { ClientConnectConfig } from '@temporalio/envconfig';
import { NativeConnection } from '@temporalio/worker';
import { NamespaceNotFoundError } from '@temporalio/common';
import { directToLoopback, isLoopbackHost } from '../../process/loopback-host.js';
import { temporalConnection } from '../../settings/temporal.js';
import { concernsSearchAttributes, registrationCommand } from './search-attributes.js';

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
  let isClosing = false;
  const interceptors = [retryUnless(() => isClosing)];
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

type Interceptor = ReturnType<typeof makeGrpcRetryInterceptor>;
type NextCall = Parameters<Interceptor>[1];
type RetryOptions = Parameters<typeof makeGrpcRetryInterceptor>[0];
type FailedStatus = Parameters<RetryOptions['retryableDecider']>[1];

/**
 * Retries as the SDK does until the connection closes; a request that waits for its next attempt then fails as its last
 * attempt did. The SDK's timer would make that attempt on a closed connection, which throws where nobody can catch it.
 */
function retryUnless(isClosing: () => boolean): Interceptor {
  const retry = defaultGrpcRetryOptions();
  return (options, nextCall) => {
    let failed: FailedStatus | null = null;
    const retryableDecider: RetryOptions['retryableDecider'] = (attempt, status) => {
      failed = status;
      return !isClosing() && retry.retryableDecider(attempt, status);
    };
    const attempt: NextCall = (attemptOptions) =>
      failed !== null && isClosing() ? failedCall(failed) : nextCall(attemptOptions);
    return makeGrpcRetryInterceptor({ ...retry, retryableDecider })(options, attempt);
  };
}

/** A request that is never made: it ends with this status when it starts. */
function failedCall(status: FailedStatus): ReturnType<NextCall> {
  const nothing = (): void => undefined;
  return {
    start: (_metadata, listener) => {
      listener?.onReceiveStatus?.(status);
    },
    cancelWithStatus: nothing,
    getPeer: () => '',
    sendMessage: nothing,
    sendMessageWithContext: nothing,
    startRead: nothing,
    halfClose: nothing,
    getAuthContext: () => null,
  };
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

/** What is wrong with the namespace and what to do about it, if that is what made a request fail; else null. */
function namespaceTrouble(
  error: unknown,
  { address, namespace }: { address: string; namespace: string },
): Error | null {
  if (isNamespaceUnknown(error)) {
    return new Error(
      `Temporal at ${address} has no namespace ${namespace}: check TEMPORAL_NAMESPACE, or make it with ` +
        `\`temporal operator namespace create --namespace ${namespace}\``,
    );
  }
  if (!(error instanceof Error)) return null;
  if (!isGrpcServiceError(error)) return namespaceTrouble(error.cause, { address, namespace });
  if (!concernsSearchAttributes(error.details)) return null;
  return new Error(
    `the namespace ${namespace} does not have callweave’s search attributes yet: \`callweave schedule apply\` registers ` +
      `them, as a worker does when it starts, or an administrator with \`${registrationCommand(namespace)}\` ` +
      `(Temporal said: ${error.details})`,
  );
}

function isNamespaceUnknown(error: unknown): boolean {
  if (error instanceof NamespaceNotFoundError) return true;
  return isGrpcServiceError(error) && /^namespace \S+ (is )?not found/i.test(error.details);
}

const DEFAULT_PORT = 7233;
/** `temporal server start-dev` serves its Web UI this many ports above its frontend. */
const DEV_SERVER_UI_PORT_OFFSET = 1_000;

/** Where the Web UI of a Temporal is, or null where nothing tells: a self-hosted one may have it anywhere. */
export function webUiUrl({ address }: TemporalTarget): string | null {
  const { hostname, port } = new URL(`tcp://${address}`);
  if (isLoopbackHost(hostname)) return `http://${hostname}:${Number(port || DEFAULT_PORT) + DEV_SERVER_UI_PORT_OFFSET}`;
  return hostname.endsWith('.tmprl.cloud') || hostname.endsWith('.api.temporal.io')
    ? 'https://cloud.temporal.io'
    : null;
}

/** The page of one workflow. */
export function workflowUrl(input: { webUrl: string; namespace: string; workflowId: string }): string {
  const { webUrl, namespace, workflowId } = input;
  return `${webUrl}/namespaces/${encodeURIComponent(namespace)}/workflows/${encodeURIComponent(workflowId)}`;
}
