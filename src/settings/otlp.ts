import { knowSecret, knowUrlSecrets } from '../process/secrets.js';
import { isDecodable, proxyForUrl, readNetwork } from './network/proxy.js';
import { environmentSource, nonBlank, readGroup, type Environment } from './read-group.js';
import { headerText, oneOf, textTo, wholeNumber, type TextSchema } from './schemas.js';
import { optional, withDefault } from './setting.js';
import { PROXY_NAMES } from './table.js';

/** A receiver of metrics by OTLP, such as an OpenTelemetry Collector. */
export interface OtlpReceiver {
  /** The URL that metrics are sent to, without user and password. */
  readonly url: string;
  readonly protocol: 'grpc' | 'http/protobuf';
  /** The header with user and password of the endpoint, if it has them. */
  readonly headers: Readonly<Record<string, string>>;
  readonly intervalMs: number;
  /** Variables that the exporter must find in the environment; undefined ones must be unset. */
  readonly environment: Environment;
}

/** Reads the URL of a receiver. It may hold a user and a password, so no message quotes it. */
const endpointUrl: TextSchema<URL> = textTo(
  'the URL of an OpenTelemetry receiver, http:// or https:// with a host and without a query',
  (text) => {
    if (!/^https?:\/\/[^\s\p{C}?#]+$/iu.test(text) || !URL.canParse(text)) return undefined;
    const url = new URL(text);
    return url.port === '0' || !isDecodable(`${url.username}${url.password}`) ? undefined : url;
  },
);

/** Registers the value of each `name=value`, with or without its encoding. */
function knowHeaders(text: string): void {
  for (const entry of text.split(',')) knowSecret(entry.slice(entry.indexOf('=') + 1));
}

/** The variables of OpenTelemetry that callweave reads or documents. */
export const otlpSettings = {
  OTEL_EXPORTER_OTLP_ENDPOINT: optional({
    schema: endpointUrl,
    isSecret: true,
    know: knowUrlSecrets,
    hasFile: false,
    defaultNote: 'off',
    meaning:
      'The URL of an OpenTelemetry receiver that the worker sends its metrics to while `CALLWEAVE_METRICS_ADDRESS` is ' +
      '`off`, such as `http://collector:4317`. A user and password in it are sent as basic authentication.',
  }),
  OTEL_EXPORTER_OTLP_PROTOCOL: withDefault({
    schema: oneOf(['grpc', 'http/protobuf']),
    default: 'grpc',
    meaning: 'The protocol of the receiver: `grpc`, or `http/protobuf` to `<endpoint>/v1/metrics`.',
  }),
  OTEL_EXPORTER_OTLP_HEADERS: optional({
    schema: headerText,
    isSecret: true,
    know: knowHeaders,
    hasFile: false,
    meaning: 'Headers for the receiver, as `name=value,name=value` with percent-encoded values, such as an API key.',
  }),
  OTEL_METRIC_EXPORT_INTERVAL: withDefault({
    schema: wholeNumber({ min: 100, max: 3_600_000 }),
    default: '60000',
    meaning: 'The number of milliseconds from one sending of metrics to the next, 100 to 3600000.',
  }),
};

export interface OtlpReading {
  /** Null if there are problems, or no receiver is set. */
  readonly otlp: OtlpReceiver | null;
  readonly problems: readonly string[];
  readonly warnings: readonly string[];
}

const ONE_EXPORTER =
  'CALLWEAVE_METRICS_ADDRESS and OTEL_EXPORTER_OTLP_ENDPOINT are both set: Prometheus has the metrics, and none are sent ' +
  'to the OpenTelemetry receiver, because the SDK of Temporal has one exporter. Set CALLWEAVE_METRICS_ADDRESS to off to send them';
const NO_PROXY_POSSIBLE =
  'HTTPS_PROXY does not apply to the metrics for OTEL_EXPORTER_OTLP_ENDPOINT, which are sent directly: the SDK of Temporal ' +
  'can use a proxy only with OTEL_EXPORTER_OTLP_PROTOCOL=http/protobuf and an https:// endpoint. Set these, or add the host to NO_PROXY';

/** Reads where metrics are sent to. `isServed`: Prometheus reads them, so that none are sent. */
export function readOtlp(surroundings: { env: Environment; cwd: string; isServed: boolean }): OtlpReading {
  const { values, problems } = readGroup(otlpSettings, environmentSource(surroundings));
  const endpoint = values?.OTEL_EXPORTER_OTLP_ENDPOINT ?? null;
  if (values === null || endpoint === null) return { otlp: null, problems, warnings: [] };
  if (surroundings.isServed) return { otlp: null, problems, warnings: [ONE_EXPORTER] };
  const protocol = values.OTEL_EXPORTER_OTLP_PROTOCOL;
  const proxy = proxyForUrl(readNetwork(surroundings), endpoint);
  const mayUseProxy = protocol === 'http/protobuf' && endpoint.protocol === 'https:';
  const base = `${endpoint.origin}${endpoint.pathname.replace(/\/+$/, '')}`;
  return {
    otlp: {
      url: protocol === 'grpc' ? base : `${base}/v1/metrics`,
      protocol,
      headers: loginHeaders(endpoint),
      intervalMs: values.OTEL_METRIC_EXPORT_INTERVAL,
      environment: exporterEnvironment(surroundings.env, mayUseProxy ? proxy : null),
    },
    problems,
    warnings: proxy === null || mayUseProxy ? [] : [NO_PROXY_POSSIBLE],
  };
}

function loginHeaders({ username, password }: URL): Record<string, string> {
  if (username === '' && password === '') return {};
  const login = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
  return { authorization: `Basic ${Buffer.from(login).toString('base64')}` };
}

/**
 * Returns the variables that make the exporter do what the settings say. By itself it would read the endpoint with its
 * password, and take proxies that callweave does not use, even for this machine.
 */
function exporterEnvironment(env: Environment, proxy: URL | null): Environment {
  const unset = ['OTEL_EXPORTER_OTLP_ENDPOINT', 'OTEL_EXPORTER_OTLP_METRICS_ENDPOINT', 'NO_PROXY', ...PROXY_NAMES];
  const isNamed = nonBlank(env['OTEL_SERVICE_NAME']) ?? env['OTEL_RESOURCE_ATTRIBUTES']?.includes('service.name=');
  return {
    ...Object.fromEntries(unset.flatMap((name) => [name, name.toLowerCase()]).map((name) => [name, undefined])),
    ...(proxy !== null && { HTTPS_PROXY: proxy.href }),
    ...(isNamed === undefined || isNamed === false ? { OTEL_SERVICE_NAME: 'callweave' } : {}),
  };
}

/** Runs `use`, during which the environment of this process has other values for these variables. */
export function withEnvironment<T>(variables: Environment, use: () => T): T {
  const before = Object.fromEntries(Object.keys(variables).map((name) => [name, process.env[name]]));
  setVariables(variables);
  try {
    return use();
  } finally {
    setVariables(before);
  }
}

function setVariables(variables: Environment): void {
  for (const [name, text] of Object.entries(variables)) {
    if (text === undefined) Reflect.deleteProperty(process.env, name);
    else process.env[name] = text;
  }
}
