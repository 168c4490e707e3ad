import { makeTelemetryFilterString, Runtime, type Logger } from '@temporalio/worker';

export interface InstallRuntimeInput {
  readonly logger: Logger;
  /** `host:port` to serve Prometheus metrics at, or null for none. */
  readonly metricsAddress: string | null;
}

/**
 * Has the SDK's process-wide runtime for the time of `use`, which makes the first connection: its log goes through
 * ours, its metrics to Prometheus. Signals are left to us, so that the worker stops before the store it writes to. A
 * runtime left behind would keep the process from ending.
 */
export async function withRuntime<T>(input: InstallRuntimeInput, use: () => Promise<T>): Promise<T> {
  const runtime = installRuntime(input);
  try {
    return await use();
  } finally {
    await runtime.shutdown();
  }
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
