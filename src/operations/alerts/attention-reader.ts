import type { Client } from '@temporalio/client';
import type { CountedAttention } from '../../domain/alerts/conditions.js';
import type { Account } from '../../settings/accounts.js';
import type { Store } from '../../store/store.js';
import { readStatus } from '../status.js';

/** Returns a function that lists everything that needs a person, as `status` does, for the alerts of a worker. */
export function attentionReader(of: {
  /** All accounts of the settings. */
  readonly accounts: readonly Account[];
  readonly store: Store;
}): (client: Client) => Promise<CountedAttention[]> {
  const { accounts, store } = of;
  return async (client) => {
    const now = new Date();
    const report = await readStatus({ accounts, shown: accounts, client, store, now, hasAlerts: true });
    const rejects = new Map(report.statuses.map((status) => [status.account, status.rejects]));
    return report.attention.map((each) => ({
      ...each,
      count: each.code === 'rejects' ? (rejects.get(each.account ?? '') ?? null) : null,
    }));
  };
}
