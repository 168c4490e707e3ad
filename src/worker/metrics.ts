import type { MetricCounter, MetricGauge, MetricMeter } from '@temporalio/common';

/** Counters and gauges of the worker. Labels are the account and fixed words, so that none holds personal data. */
export interface Metrics {
  /** Labels `account`, `kind` (`page`, `transcript`, `analysis`, …) and `outcome` (`answered`, or a kind of error). */
  readonly requests: MetricCounter;
  readonly rows: MetricCounter;
  readonly callsChanged: MetricCounter;
  readonly rejects: MetricCounter;
  /** Labels `account` and `outcome`. */
  readonly transcripts: MetricCounter;
  /** Labels `account` and `status` of the answer. */
  readonly webhooks: MetricCounter;
  /** Labels `account` and `outcome` (`received`, `read`, `not_shown`, …). */
  readonly nudges: MetricCounter;
  /** Label `state` (`raised`, `resolved`). */
  readonly alerts: MetricCounter;
  readonly holds: MetricGauge;
  readonly holdSeconds: MetricGauge;
  readonly requestsPerSecond: MetricGauge;
  readonly checkpointLagSeconds: MetricGauge;
  readonly caughtUpTimestampSeconds: MetricGauge;
  readonly pollIntervalSeconds: MetricGauge;
  readonly requestsPerSecondCeiling: MetricGauge;
  readonly outageSeconds: MetricGauge;
  /** Labels `account` and `lane` (`all`, `fresh`, `old`). */
  readonly transcriptsHoldSeconds: MetricGauge;
  /** Labels `account` and `transcript`, the status of the call's transcript. */
  readonly calls: MetricGauge;
  readonly transcriptsDue: MetricGauge;
  readonly rejectsStored: MetricGauge;
  readonly backfillsRunning: MetricGauge;
  /** Labels `account` and `state` (`done`, `running`, `left`, `failed`). */
  readonly backfillWindows: MetricGauge;
}

/** Registers the metrics. The SDK's Prometheus exporter adds the suffix `_total` to the names of counters. */
export function createMetrics(meter: Pick<MetricMeter, 'createCounter' | 'createGauge'>): Metrics {
  const counter = (name: string, description: string): MetricCounter =>
    meter.createCounter(`callweave_${name}`, undefined, description);
  const gauge = (name: string, description: string): MetricGauge =>
    meter.createGauge(`callweave_${name}`, 'float', undefined, description);
  return {
    requests: counter('requests', 'Requests to the API of an account, by kind and outcome'),
    rows: counter('rows', 'Rows read and written'),
    callsChanged: counter('calls_changed', 'Call documents created or changed by pages'),
    rejects: counter('rejects', 'Rows that are part of no call'),
    transcripts: counter('transcripts', 'Looks for transcripts, by outcome'),
    webhooks: counter('webhooks', 'Webhooks, by the status of the answer'),
    nudges: counter('nudges', 'Ids that webhooks named, by what became of them'),
    alerts: counter('alerts', 'Alerts that the alert URL took, by state'),
    holds: gauge('holds', 'Number of holds of the account so far, read from MongoDB'),
    holdSeconds: gauge('hold_seconds', 'Seconds until the account may be asked again'),
    requestsPerSecond: gauge('requests_per_second', 'Current limit of requests per second'),
    checkpointLagSeconds: gauge('checkpoint_lag_seconds', 'Seconds since the live drain last caught up'),
    caughtUpTimestampSeconds: gauge(
      'caught_up_timestamp_seconds',
      'Unix time at which the account was read to its end',
    ),
    pollIntervalSeconds: gauge('poll_interval_seconds', 'Poll interval of the settings'),
    requestsPerSecondCeiling: gauge('requests_per_second_ceiling', 'Requests per second of the settings'),
    outageSeconds: gauge('outage_seconds', 'Seconds since when every request of the account has failed; 0 if none has'),
    transcriptsHoldSeconds: gauge('transcripts_hold_seconds', 'Seconds until transcripts may be asked for again'),
    calls: gauge('calls', 'Stored calls, by the status of their transcript'),
    transcriptsDue: gauge('transcripts_due', 'Pending transcripts whose look is due'),
    rejectsStored: gauge('rejects_stored', 'Rejects that are kept'),
    backfillsRunning: gauge('backfills_running', 'Backfills that run or are paused'),
    backfillWindows: gauge('backfill_windows', 'Windows of the running backfills, by state'),
  };
}
