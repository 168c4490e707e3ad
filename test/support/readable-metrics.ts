import { noopMetricMeter, type MetricMeter } from '@temporalio/common';
import { createMetrics, type Metrics } from '../../src/worker/metrics.js';

export interface ReadableMetrics {
  readonly metrics: Metrics;
  /** The last value of each series by its name and its labels without the account, as "calls transcript=pending". */
  readonly values: ReadonlyMap<string, number>;
}

/** Creates metrics whose values can be read. */
export function readableMetrics(): ReadableMetrics {
  const values = new Map<string, number>();
  const note = (name: string, value: number, labels: Record<string, unknown> = {}): void => {
    const shown = Object.entries(labels).filter(([label]) => label !== 'account');
    values.set(
      [name.replace('callweave_', ''), ...shown.map(([label, text]) => `${label}=${String(text)}`)].join(' '),
      value,
    );
  };
  const createGauge: MetricMeter['createGauge'] = (name) =>
    Object.assign(noopMetricMeter.createGauge(name), {
      set: (value: number, labels?: Record<string, unknown>) => {
        note(name, value, labels);
      },
    });
  const createCounter: MetricMeter['createCounter'] = (name) =>
    Object.assign(noopMetricMeter.createCounter(name), {
      add: (value: number, labels?: Record<string, unknown>) => {
        note(name, value, labels);
      },
    });
  return { metrics: createMetrics({ createGauge, createCounter }), values };
}
