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
 * Has the SDK's process-wide runtime for the time of `use`, which makes the first connection: its log goes through
 * ours, its metrics to Prometheus. Signals are left to us, so that the worker stops before the store it writes to. A
 * runtime left behind would keep the process from ending.
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

/** The address in numbers, which is all the SDK takes, after listening there once: the SDK's errors name no address. */
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

/** As {@link withRuntime}, for the life of the process. */
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
