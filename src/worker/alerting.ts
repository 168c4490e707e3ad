import type { Client } from '@temporalio/client';
import type { Alerting } from '../activities/dependencies.js';
import type { CountedAttention } from '../domain/alerts/conditions.js';
import type { AlertSettings } from '../settings/alerts.js';
import { createAlertClient } from '../sources/alerts/alert-client.js';
import { describeTarget, webUiUrl, workflowsUrl, type TemporalAddress } from '../temporal/server/connect.js';

/** The part of a worker's input that concerns alerts. */
export interface WorkerAlerts {
  /** Receiver of alerts; null for none. */
  readonly alerts: AlertSettings | null;
  /** Lists everything that needs a person now. */
  readonly readAttention: (client: Client) => Promise<readonly CountedAttention[]>;
  /** URL of the Web UI, null if it is unknown; the one that belongs to the address of Temporal if left out. */
  readonly webUrl?: string | null;
}

/** Returns what the activities of alerts need; null if nobody is told. */
export function alertingOf(
  input: WorkerAlerts & { readonly client: Client; readonly temporalAddress: TemporalAddress },
): Alerting | null {
  const { alerts, readAttention, client, temporalAddress } = input;
  if (alerts === null) return null;
  const target = describeTarget(temporalAddress);
  const { webUrl = webUiUrl(target) } = input;
  const { namespace } = target;
  return {
    ...createAlertClient(alerts),
    readAttention: () => readAttention(client),
    urlOf: (account) => (webUrl === null ? null : workflowsUrl({ webUrl, namespace, account })),
  };
}
