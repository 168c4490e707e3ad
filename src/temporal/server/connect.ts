import { setMaxListeners } from 'node:events';
import { Client, Connection, isGrpcServiceError } from '@temporalio/client';
import { NativeConnection } from '@temporalio/worker';
import { NamespaceNotFoundError } from '@temporalio/common';
import { isLoopbackHost } from '../../process/loopback-host.js';
import { temporalConnection, type TemporalConnection } from '../../settings/temporal.js';
import { ACCOUNT_ATTRIBUTE } from '../../workflows/ids.js';
import { clientOptions, workerOptions } from './network.js';
import { retryUnless } from './retries.js';
import { attributesState, concernsSearchAttributes, isTemporalCloud, registrationAdvice } from './search-attributes.js';
import { namespaceAdvice, reachAdvice, throughProxy } from './trouble.js';

/** The address of an embedded Temporal, or null for the server that the environment names. */
export type TemporalAddress = string | null;

export interface TemporalTarget {
  readonly address: string;
  readonly namespace: string;
}

/** Returns the address and namespace of the environment and of temporal.toml, or the defaults. @throws SettingsError */
export function describeTarget(address: TemporalAddress): TemporalTarget {
  const { connectionOptions, namespace } = loadConfig(address);
  return { address: connectionOptions.address ?? 'localhost:7233', namespace: namespace ?? 'default' };
}

/** Returns the HTTP proxy of the connections to Temporal, with user and password; null for direct ones. */
export function proxyOf(address: TemporalAddress): URL | null {
  return loadConfig(address).proxy;
}

/**
 * Opens a client connection, runs `use` and closes it; requests still pending then fail.
 * @throws an error that says what to check, if Temporal cannot be reached or lacks the namespace or search attributes
 */
export async function withClient<T>(address: TemporalAddress, use: (client: Client) => Promise<T>): Promise<T> {
  const config = loadConfig(address);
  let isClosing = false;
  const interceptors = [retryUnless(() => isClosing)];
  const connection = Connection.lazy({ ...clientOptions(config), interceptors });
  const client = new Client({ connection, namespace: config.namespace ?? 'default' });
  try {
    await connected(address, () => connection.ensureConnected());
    return await use(client);
  } catch (error) {
    throw (await namespaceTrouble(error, { client, target: describeTarget(address) })) ?? error;
  } finally {
    isClosing = true;
    await connection.close();
  }
}

/**
 * Opens a client that connects with its first request, runs `use` and closes it. Its requests fail as soon as the
 * connection does, with the reason, and are not tried again. Requests still pending at the end are given up.
 */
export async function withImpatientClient<T>(
  address: TemporalAddress,
  use: (client: Client) => Promise<T>,
): Promise<T> {
  const config = loadConfig(address);
  const connection = Connection.lazy({ ...clientOptions(config), interceptors: [] });
  const client = new Client({ connection, namespace: config.namespace ?? 'default' });
  const end = new AbortController();
  // Every request listens to it, and the SDK never stops listening.
  setMaxListeners(0, end.signal);
  try {
    return await connection.withAbortSignal(end.signal, () => use(client));
  } finally {
    end.abort();
    await connection.close();
  }
}

/** Opens the connection of a worker, which the caller closes. @throws an error with the address and what to check */
export function connectWorker(address: TemporalAddress): Promise<NativeConnection> {
  return connected(address, () => NativeConnection.connect(workerOptions(loadConfig(address))));
}

function loadConfig(address: TemporalAddress): TemporalConnection {
  if (address === null) return temporalConnection();
  return { connectionOptions: { address }, namespace: 'default', proxy: null, trusted: null };
}

async function connected<T>(address: TemporalAddress, connect: () => Promise<T>): Promise<T> {
  try {
    return await connect();
  } catch (cause) {
    const answer = cause instanceof Error ? cause.cause : null;
    if (isGrpcServiceError(answer) && isRefusal(answer)) throw refusal(answer.details, describeTarget(address));
    const proxy = proxyOf(address);
    throw new Error(
      `Cannot reach Temporal at ${describeTarget(address).address}${throughProxy(proxy)}. ` +
        `${reachAdvice({ proxy, error: cause })}.`,
      { cause },
    );
  }
}

/** Explains a failure caused by the namespace, its search attributes or our rights; null for any other error. */
async function namespaceTrouble(
  error: unknown,
  asked: { client: Client; target: TemporalTarget },
): Promise<Error | null> {
  const { address, namespace } = asked.target;
  if (isNamespaceUnknown(error)) {
    return new Error(`Temporal at ${address} has no namespace ${namespace}: ${namespaceAdvice(asked.target)}`);
  }
  if (!(error instanceof Error)) return null;
  if (!isGrpcServiceError(error)) return namespaceTrouble(error.cause, asked);
  if (isRefusal(error)) return refusal(error.details, asked.target);
  if (!concernsSearchAttributes(error.details)) return null;
  return attributesTrouble(error.details, asked);
}

/** True if a server answers `PERMISSION_DENIED` or `UNAUTHENTICATED`. */
function isRefusal({ code }: { readonly code: number }): boolean {
  return code === 7 || code === 16;
}

function refusal(details: string, { address, namespace }: TemporalTarget): Error {
  const name = isTemporalCloud(address) ? ' (NAME.ACCOUNT, as the Cloud UI shows it)' : '';
  return new Error(
    `Temporal at ${address} refuses access to the namespace ${namespace}: ${details.replace(/\.$/, '')}. Check ` +
      `TEMPORAL_NAMESPACE${name}, and TEMPORAL_API_KEY or the client certificate: it must have the right to write`,
  );
}

async function attributesTrouble(
  details: string,
  { client, target }: { client: Client; target: TemporalTarget },
): Promise<Error> {
  const state = await attributesState(client, target.address).catch(() => null);
  const trouble = `the namespace ${target.namespace} lacks callweave’s search attributes: `;
  if (state === null || state.canRegister || state.missing.length === 0) {
    return new Error(
      `${trouble}run \`callweave schedule apply\` or start a worker to register them (Temporal said: ${details})`,
    );
  }
  const { missing } = state;
  return new Error(
    `${trouble}${missing.join(', ')} (Temporal said: ${details}). ${registrationAdvice({ ...target, missing })}`,
  );
}

export function isNamespaceUnknown(error: unknown): boolean {
  if (error instanceof NamespaceNotFoundError) return true;
  return isGrpcServiceError(error) && /^namespace \S+ (is )?not found/i.test(error.details);
}

const DEFAULT_PORT = 7233;
/** `temporal server start-dev` serves its Web UI this many ports above its frontend. */
const DEV_SERVER_UI_PORT_OFFSET = 1_000;

/** Returns the URL of the Web UI; null for a self-hosted Temporal, whose Web UI may be anywhere. */
export function webUiUrl({ address }: TemporalTarget): string | null {
  const { hostname, port } = new URL(`tcp://${address}`);
  if (isLoopbackHost(hostname)) return `http://${hostname}:${Number(port || DEFAULT_PORT) + DEV_SERVER_UI_PORT_OFFSET}`;
  return isTemporalCloud(hostname) ? 'https://cloud.temporal.io' : null;
}

/** Returns the URL of a workflow's page in the Web UI. */
export function workflowUrl(input: { webUrl: string; namespace: string; workflowId: string }): string {
  const { webUrl, namespace, workflowId } = input;
  return `${webUrl}/namespaces/${encodeURIComponent(namespace)}/workflows/${encodeURIComponent(workflowId)}`;
}

/** Returns the URL of the page with an account's workflows in the Web UI; of all workflows if `account` is null. */
export function workflowsUrl(input: { webUrl: string; namespace: string; account: string | null }): string {
  const { webUrl, namespace, account } = input;
  const query = account === null ? '' : `?query=${encodeURIComponent(`${ACCOUNT_ATTRIBUTE.name} = "${account}"`)}`;
  return `${webUrl}/namespaces/${encodeURIComponent(namespace)}/workflows${query}`;
}
