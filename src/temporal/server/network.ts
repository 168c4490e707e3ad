import type { ConnectionOptions } from '@temporalio/client';
import type { NativeConnectionOptions } from '@temporalio/worker';
import { WITHOUT_PROXY_OF_ENVIRONMENT } from '../../process/loopback-host.js';
import type { TemporalConnection } from '../../settings/temporal.js';

const DEFAULT_ADDRESS = 'localhost:7233';
const DEFAULT_PORT = '7233';

/** Returns the options of a client's connection: direct, or to the proxy and from there to the server. */
export function clientOptions({ connectionOptions, proxy, trusted }: TemporalConnection): ConnectionOptions {
  const direct = { ...connectionOptions, ...withTrusted(connectionOptions, trusted) };
  if (proxy === null) return { ...direct, channelArgs: WITHOUT_PROXY_OF_ENVIRONMENT };
  const target = withPort(connectionOptions.address ?? DEFAULT_ADDRESS);
  const login = loginOf(proxy);
  return {
    ...direct,
    address: hostAndPort(proxy),
    channelArgs: {
      ...WITHOUT_PROXY_OF_ENVIRONMENT,
      'grpc.http_connect_target': `dns:${target}`,
      'grpc.default_authority': target,
      ...(login !== null && { 'grpc.http_connect_creds': `${login.username}:${login.password}` }),
    },
  };
}

/** Returns the options of a worker's connection, as {@link clientOptions} does. */
export function workerOptions({ connectionOptions, proxy, trusted }: TemporalConnection): NativeConnectionOptions {
  const login = proxy === null ? null : loginOf(proxy);
  return {
    ...connectionOptions,
    ...withTrusted(connectionOptions, trusted),
    ...(proxy !== null && {
      proxy: { type: 'http-connect', targetHost: hostAndPort(proxy), ...(login !== null && { basicAuth: login }) },
    }),
  };
}

/**
 * Adds the CAs to trust unless a CA is set for Temporal. Node.js adds those of `NODE_EXTRA_CA_CERTS` by itself. But a
 * worker's connection, which is not made by Node.js, knows only the CAs of the system, and a client's only those of
 * `GRPC_DEFAULT_SSL_ROOTS_FILE_PATH` if that is set.
 */
function withTrusted(
  { tls, apiKey }: TemporalConnection['connectionOptions'],
  trusted: string | null,
): Pick<ConnectionOptions & NativeConnectionOptions, 'tls'> {
  const isOn = tls === undefined || tls === null ? apiKey !== undefined : tls !== false;
  if (trusted === null || !isOn) return {};
  const own = typeof tls === 'object' && tls !== null ? tls : {};
  return { tls: { ...own, serverRootCACertificate: own.serverRootCACertificate ?? Buffer.from(trusted) } };
}

/** Returns `host:port` of a proxy, without user and password. */
export function hostAndPort({ hostname, port }: URL): string {
  return `${hostname}:${port || '80'}`;
}

function loginOf({ username, password }: URL): { username: string; password: string } | null {
  if (username === '' && password === '') return null;
  return { username: decodeURIComponent(username), password: decodeURIComponent(password) };
}

function withPort(address: string): string {
  return /:\d+$/.test(address) ? address : `${address}:${DEFAULT_PORT}`;
}
