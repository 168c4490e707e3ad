import type { Source } from '../domain/call.js';
import type { Account } from '../settings/accounts.js';
import type { Metrics } from './metrics.js';

/** Kinds of requests to each source, without those for transcripts: single ones may be refused. */
const KINDS: Readonly<Record<Source, readonly string[]>> = {
  invoca: ['page', 'probe'],
  credira: ['invoice', 'call'],
};

const WEBHOOK_STATUSES = ['202', '400', '401', '413', '415', '503'] as const;

/**
 * Adds 0 to the counters that alerts watch. Prometheus sees no increase in the first value of a series, so without this
 * the first refusal of a process would go unnoticed.
 */
export function makeFirstCounts(
  metrics: Pick<Metrics, 'requests' | 'rejects' | 'webhooks'>,
  accounts: readonly Account[],
): void {
  for (const account of accounts) {
    const { name, source } = account;
    for (const kind of KINDS[source]) metrics.requests.add(0, { account: name, kind, outcome: 'refused' });
    metrics.rejects.add(0, { account: name });
    if (source !== 'invoca' || account.webhookSecret === null) continue;
    for (const status of WEBHOOK_STATUSES) metrics.webhooks.add(0, { account: name, status });
  }
}
