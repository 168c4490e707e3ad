import { createSecureContext } from 'node:tls';
import {
  loadClientConfigProfile,
  toClientOptions,
  type ClientConfigProfile,
  type ClientConfigTLS,
  type ClientConnectConfig,
  type ConfigDataSource,
} from '@temporalio/envconfig';
import { knowSecret } from '../process/secrets.js';
import { SettingsError } from './errors.js';
import {
  nonBlank,
  readGroup,
  readSettingFile,
  SettingProblem,
  type Environment,
  type TextSource,
} from './read-group.js';
import { readNetwork } from './network/proxy.js';
import type { ValuesOf } from './setting.js';
import { furtherTemporalSettings, temporalHeader, temporalSettings } from './temporal-table.js';

/** Configuration of a connection to Temporal, and how to reach the server. */
export interface TemporalConnection extends ClientConnectConfig {
  /** The HTTP proxy of the connection, with user and password; null for a direct one. */
  readonly proxy: URL | null;
  /** Certificates of all CAs to trust, as PEM, if no CA is set for Temporal; null for those of the system. */
  readonly trusted: string | null;
}

export interface TemporalReading {
  /** Null if there are problems. */
  readonly config: TemporalConnection | null;
  readonly problems: readonly string[];
}

const GROUP = { ...temporalSettings, ...furtherTemporalSettings };
type Values = ValuesOf<typeof GROUP>;

const HEADER_PREFIX = 'TEMPORAL_GRPC_META_';

/** Reads how to connect to Temporal from the environment and `temporal.toml`. @throws SettingsError */
export function temporalConnection(env: Environment = process.env): TemporalConnection {
  const { config, problems } = readTemporal(env);
  if (config === null) throw new SettingsError({ problems, warnings: [] });
  return config;
}

/**
 * Reads Temporal's settings. Blank values count as unset and values are trimmed. The SDK does neither, and quotes a
 * value that it cannot send.
 */
export function readTemporal(env: Environment): TemporalReading {
  try {
    const own = ownVariables(env);
    const profile = loadProfile({ ...env, ...own });
    const headers = Object.keys(profile.grpcMeta ?? {}).map((name) => [headerVariable(name), temporalHeader] as const);
    const source = resolvedSource(own, profile);
    const { values, problems } = readGroup({ ...GROUP, ...Object.fromEntries(headers) }, source);
    if (values === null) return { config: null, problems };
    const config = connectionOf({ values, profile, source });
    return { config: { ...config, ...networkOf(config, env) }, problems: [] };
  } catch (error) {
    if (!(error instanceof SettingProblem)) throw error;
    return { config: null, problems: [error.message] };
  }
}

const DEFAULT_ADDRESS = 'localhost:7233';

/** Chooses proxy and CAs for a server. @throws SettingProblem if the proxy is reached by TLS: no SDK does that */
function networkOf(
  { connectionOptions: { address = DEFAULT_ADDRESS } }: ClientConnectConfig,
  env: Environment,
): Pick<TemporalConnection, 'proxy' | 'trusted'> {
  const { hostname: host, port } = new URL(`tcp://${address}`);
  const { proxyFor, trusted } = readNetwork({ env });
  const proxy = proxyFor({ host, port: Number(port || 7233) });
  if (proxy?.protocol !== 'https:') return { proxy, trusted };
  throw new SettingProblem(
    `HTTPS_PROXY must be an http:// URL for the connection to Temporal at ${address}: change it, or add ${host} to NO_PROXY`,
  );
}

/** Returns Temporal's variables, trimmed; blank ones are undefined. */
function ownVariables(env: Environment): Record<string, string | undefined> {
  const names = Object.keys(env).filter((name) => name.startsWith('TEMPORAL_'));
  const own: Record<string, string | undefined> = Object.fromEntries(names.map((name) => [name, nonBlank(env[name])]));
  // The SDK fails if the default profile is named and there is no file, but not if no profile is named.
  return own['TEMPORAL_PROFILE'] === 'default' ? { ...own, TEMPORAL_PROFILE: undefined } : own;
}

function loadProfile(env: Environment): ClientConfigProfile {
  const set = Object.entries(env).filter((entry): entry is [string, string] => entry[1] !== undefined);
  const path = env['TEMPORAL_CONFIG_FILE'];
  const data = path === undefined ? null : readSettingFile(path, 'TEMPORAL_CONFIG_FILE');
  try {
    return loadClientConfigProfile({
      overrideEnvVars: Object.fromEntries(set),
      ...(data !== null && { configSource: { data } }),
    });
  } catch (error) {
    throw new SettingProblem(profileProblem(error, env['TEMPORAL_PROFILE']));
  }
}

/** Describes the fault without the parser's message, which quotes the lines around it and so perhaps a key. */
function profileProblem(error: unknown, profile = ''): string {
  const message = error instanceof Error ? error.message : '';
  if (message.startsWith('Profile ')) {
    return `TEMPORAL_PROFILE must be the name of a profile in temporal.toml (it is "${profile}")`;
  }
  if (message.startsWith('Cannot specify both')) {
    return 'TEMPORAL_TLS_…: a certificate, key or CA is given both as a path and as text: set only one';
  }
  const place = error instanceof Error && 'line' in error ? `: the fault is at line ${String(error.line)}` : '';
  return `temporal.toml (TEMPORAL_CONFIG_FILE) must be a readable file of valid TOML${place}`;
}

function headerVariable(name: string): string {
  return `${HEADER_PREFIX}${name.toUpperCase().replaceAll('-', '_')}`;
}

/** Returns the texts of the environment and of `temporal.toml`, both under the names of the variables. */
function resolvedSource(
  own: Environment,
  { address, namespace, apiKey, tls, grpcMeta }: ClientConfigProfile,
): TextSource {
  const headers = Object.entries(grpcMeta ?? {}).map(([name, text]) => [headerVariable(name), text] as const);
  const texts: Record<string, string | undefined> = {
    ...own,
    TEMPORAL_ADDRESS: address,
    TEMPORAL_NAMESPACE: namespace,
    TEMPORAL_API_KEY: apiKey,
    TEMPORAL_TLS_SERVER_NAME: tls?.serverName,
    ...sourceTexts('TEMPORAL_TLS_CLIENT_CERT', tls?.clientCert),
    ...sourceTexts('TEMPORAL_TLS_CLIENT_KEY', tls?.clientKey),
    ...sourceTexts('TEMPORAL_TLS_SERVER_CA_CERT', tls?.serverCACert),
    ...Object.fromEntries<string>(headers),
  };
  return {
    textOf: (name) => nonBlank(texts[name]),
    label: (name) => (own[name] === undefined && texts[name] !== undefined ? `${name} (in temporal.toml)` : name),
    folder: '.',
  };
}

function sourceTexts(name: string, source: ConfigDataSource | undefined): Record<string, string> {
  if (source === undefined) return {};
  if ('path' in source) return { [`${name}_PATH`]: source.path };
  return { [`${name}_DATA`]: typeof source.data === 'string' ? source.data : new TextDecoder().decode(source.data) };
}

interface Resolved {
  readonly values: Values;
  readonly profile: ClientConfigProfile;
  readonly source: TextSource;
}

function connectionOf({ values, profile, source }: Resolved): ClientConnectConfig {
  const grpcMeta = Object.keys(profile.grpcMeta ?? {}).map((name) => [name, source.textOf(headerVariable(name))]);
  return toClientOptions(
    withoutNulls({
      address: values.TEMPORAL_ADDRESS,
      namespace: values.TEMPORAL_NAMESPACE,
      apiKey: values.TEMPORAL_API_KEY,
      tls: profile.tls === undefined ? null : tlsOf(values, profile.tls.disabled ?? null),
      grpcMeta: Object.fromEntries(grpcMeta.filter(([, text]) => text !== undefined)) as Record<string, string>,
    }),
  );
}

/** Reads and tries certificates, key and CA here, so that a problem names its setting. */
function tlsOf(values: Values, disabled: boolean | null): ClientConfigTLS {
  const cert = pemOf(values, 'TEMPORAL_TLS_CLIENT_CERT');
  const key = pemOf(values, 'TEMPORAL_TLS_CLIENT_KEY');
  if (key !== null) knowSecret(key);
  const ca = pemOf(values, 'TEMPORAL_TLS_SERVER_CA_CERT');
  const options = withoutNulls({ cert, key, ca });
  try {
    createSecureContext(options);
  } catch {
    const names = Object.keys(options).map((name) => `the ${PEM_NAMES[name] ?? name}`);
    throw new SettingProblem(
      `TEMPORAL_TLS_…: ${names.join(', ')} must be valid PEM, and the key must belong to the certificate`,
    );
  }
  return withoutNulls({
    disabled,
    serverName: values.TEMPORAL_TLS_SERVER_NAME,
    clientCert: dataOf(cert),
    clientKey: dataOf(key),
    serverCACert: dataOf(ca),
  });
}

const PEM_NAMES: Readonly<Record<string, string>> = {
  cert: 'client certificate',
  key: 'client key',
  ca: 'CA certificate',
};

function pemOf(
  values: Values,
  name: 'TEMPORAL_TLS_CLIENT_CERT' | 'TEMPORAL_TLS_CLIENT_KEY' | 'TEMPORAL_TLS_SERVER_CA_CERT',
): string | null {
  const path = values[`${name}_PATH`];
  return path === null ? values[`${name}_DATA`] : readSettingFile(path, `${name}_PATH`);
}

function dataOf(pem: string | null): ConfigDataSource | null {
  return pem === null ? null : { data: pem };
}

function withoutNulls<Fields extends object>(fields: Fields): { [Name in keyof Fields]?: NonNullable<Fields[Name]> } {
  const set = Object.entries(fields).filter(([, value]) => value !== null && value !== undefined);
  return Object.fromEntries(set) as { [Name in keyof Fields]?: NonNullable<Fields[Name]> };
}
