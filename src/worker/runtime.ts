import { once } from 'node:events';
import { createServer } from 'node:net';
import { makeTelemetryFilterString, Runtime, type Logger } from '@temporalio/worker';
import { cannotServe, listen, type Place } from './listen.js';

export interface InstallRuntimeInput {
  readonly logger: Logger;
  /** `host:port` to serve Prometheus metrics at, or null for none. {@link installRuntime} takes numbers only. */
  readonly metricsAddress: string | null;
}

/**
 * Installs the SDK's process-wide runtime, runs `use`, which makes the first connection, and shuts the runtime down, as
 * it would keep the process from ending. The runtime logs to our logger and serves metrics for Prometheus. It handles
 * no signals, so that the worker stops before the store it writes to.
 * @throws an error with the address and its setting, if the metrics cannot be served
 */
export async function withRuntime<T>(input: InstallRuntimeInput, use: () => Promise<T>): Promise<T> {
  const runtime = await installWithMetrics(input);
  try {
    return await use();
  } finally {
    await runtime.shutdown();
  }
}

async function installWithMetrics({ logger, metricsAddress }: InstallRuntimeInput): Promise<Runtime> {
  if (metricsAddress === null) return installRuntime({ logger, metricsAddress });
  const place = { what: 'the metrics', address: metricsAddress, setting: 'CALLWEAVE_METRICS_ADDRESS' };
  const resolved = await triedAddress(place);
  try {
    return installRuntime({ logger, metricsAddress: resolved });
  } catch (cause) {
    throw cannotServe(place, cause);
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
export function installRuntime({ logger, metricsAddress }: InstallRuntimeInput): Runtime {
  return Runtime.install({
    logger,
    shutdownSignals: [],
    telemetryOptions: {
      logging: { filter: makeTelemetryFilterString({ core: 'WARN', other: 'ERROR' }), forward: {} },
      ...(metricsAddress !== null && {
        metrics: {
          prometheus: {
            bindAddress: metricsAddress,
            countersTotalSuffix: true,
            unitSuffix: true,
            useSecondsForDurations: true,
          },
        },
      }),
    },
  });
}
