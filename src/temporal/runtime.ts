import { makeTelemetryFilterString, Runtime, type Logger } from '@temporalio/worker';

export interface InstallRuntimeInput {
  readonly logger: Logger;
  /** `host:port` to serve Prometheus metrics at, or null for none. */
  readonly metricsAddress: string | null;
}

/**
 * Sets the SDK's process-wide runtime up: its log goes through ours, its metrics and our own to Prometheus. Must be
 * called once, before the first connection. Signals are left to us: the worker stops before the store it writes to.
 */
export function installRuntime({ logger, metricsAddress }: InstallRuntimeInput): void {
  Runtime.install({
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
