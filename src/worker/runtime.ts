import { once } from 'node:events';
import { createServer } from 'node:net';
import { makeTelemetryFilterString, Runtime, type Logger, type MetricsExporterConfig } from '@temporalio/worker';
import { withEnvironment, type OtlpReceiver } from '../settings/otlp.js';
import { cannotServe, listen, type Place } from './listen.js';

export interface InstallRuntimeInput {
  readonly logger: Logger;
  /** `host:port` to serve Prometheus metrics at, or null for none. {@link installRuntime} takes numbers only. */
  readonly metricsAddress: string | null;
  /** The receiver that metrics are sent to, if there is no address. Null or left out: none. */
  readonly otlp?: OtlpReceiver | null;
}

/**
 * Installs the SDK's process-wide runtime, runs `use`, which makes the first connection, and shuts the runtime down, as
 * it would keep the process from ending. The runtime logs to our logger and serves metrics for Prometheus, or sends
 * them by OTLP. It handles no signals, so that the worker stops before the store it writes to.
 * @throws an error with the address and its setting, if the metrics cannot be served or sent
 */
export async function withRuntime<T>(input: InstallRuntimeInput, use: () => Promise<T>): Promise<T> {
  const runtime = await installWithMetrics(input);
  try {
    return await use();
  } finally {
    await runtime.shutdown();
  }
}

async function installWithMetrics({ logger, metricsAddress, otlp = null }: InstallRuntimeInput): Promise<Runtime> {
  if (metricsAddress === null)
    return otlp === null ? installRuntime({ logger, metricsAddress }) : sending(logger, otlp);
  const place = { what: 'the metrics', address: metricsAddress, setting: 'CALLWEAVE_METRICS_ADDRESS' };
  const resolved = await triedAddress(place);
  try {
    return installRuntime({ logger, metricsAddress: resolved });
  } catch (cause) {
    throw cannotServe(place, cause);
  }
}

/** Installs a runtime that sends its metrics. The receiver need not answer: metrics that it misses are lost. */
function sending(logger: Logger, otlp: OtlpReceiver): Runtime {
  try {
    return withEnvironment(otlp.environment, () => installRuntime({ logger, metricsAddress: null, otlp }));
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new Error(
      `Cannot send metrics to ${new URL(otlp.url).host} by OTLP: ${reason}. Correct the variables OTEL_…, or unset ` +
        'OTEL_EXPORTER_OTLP_ENDPOINT.',
      { cause },
    );
  }
}

/**
 * Listens once, because the SDK's errors name no address. Returns the address in numbers, the only form the SDK takes.
 */
async function triedAddress(place: Place): Promise<string> {
  const server = createServer();
  await listen(server, place);
  const bound = server.address();
  server.close();
  await once(server, 'close');
  if (bound === null || typeof bound === 'string') return place.address;
  const host = bound.family === 'IPv6' ? `[${bound.address}]` : bound.address;
  return `${host}:${bound.port}`;
}

/** Installs the runtime for the life of the process. */
export function installRuntime({ logger, ...wanted }: InstallRuntimeInput): Runtime {
  const metrics = metricsOf(wanted);
  return Runtime.install({
    logger,
    shutdownSignals: [],
    telemetryOptions: {
      logging: { filter: makeTelemetryFilterString({ core: 'WARN', other: 'ERROR' }), forward: {} },
      ...(metrics !== null && { metrics }),
    },
  });
}

function metricsOf({ metricsAddress, otlp = null }: Omit<InstallRuntimeInput, 'logger'>): MetricsExporterConfig | null {
  if (metricsAddress !== null) {
    return {
      prometheus: {
        bindAddress: metricsAddress,
        countersTotalSuffix: true,
        unitSuffix: true,
        useSecondsForDurations: true,
      },
    };
  }
  if (otlp === null) return null;
  const { url, protocol, headers, intervalMs } = otlp;
  return {
    otel: {
      url,
      http: protocol === 'http/protobuf',
      headers: { ...headers },
      metricsExportInterval: intervalMs,
      useSecondsForDurations: true,
    },
  };
}
