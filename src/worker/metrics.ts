import type { MetricCounter, MetricGauge, MetricMeter } from '@temporalio/common';

/** What the program counts and measures. The labels are `account` and words of ours: no label holds personal data. */
export interface Metrics {
  /** Labels `account`, `kind` (`page`, `transcript`, `analysis`, …) and `outcome` (`answered`, or a kind of error). */
  readonly requests: MetricCounter;
  readonly rows: MetricCounter;
  readonly callsChanged: MetricCounter;
  readonly rejects: MetricCounter;
  /** Labels `account` and `outcome`. */
  readonly transcripts: MetricCounter;
  readonly holds: MetricGauge;
  readonly holdSeconds: MetricGauge;
  readonly requestsPerSecond: MetricGauge;
  readonly checkpointLagSeconds: MetricGauge;
}

/** With the SDK's Prometheus exporter a counter's name gets the suffix `_total`. */
export function createMetrics(meter: MetricMeter): Metrics {
  const counter = (name: string, description: string): MetricCounter =>
    meter.createCounter(`callweave_${name}`, undefined, description);
  const gauge = (name: string, description: string): MetricGauge =>
    meter.createGauge(`callweave_${name}`, 'float', undefined, description);
  return {
    requests: counter('requests', 'Requests to the API of an account, by kind and outcome'),
    rows: counter('rows', 'Rows read and written'),
    callsChanged: counter('calls_changed', 'Call documents created or changed by pages'),
    rejects: counter('rejects', 'Rows that are part of no call'),
    transcripts: counter('transcripts', 'Looks at transcripts, by what they came to'),
    holds: gauge('holds', 'Holds of the account so far, as MongoDB has them'),
    holdSeconds: gauge('hold_seconds', 'How long no request is to be made yet'),
    requestsPerSecond: gauge('requests_per_second', 'The rate requests are limited to'),
    checkpointLagSeconds: gauge('checkpoint_lag_seconds', 'Since the live feed was last found to have nothing newer'),
  };
}
