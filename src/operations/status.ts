import type { Client } from '@temporalio/client';
import type { Attention } from '../domain/alerts/attention.js';
import type { Account } from '../settings/accounts.js';
import type { Store } from '../store/store.js';
import { accountStatus, type AccountStatus } from './account-status.js';
import { alertsAttention } from './alerts/alerts-attention.js';
import { attentionOf } from './attention.js';
import { unknownSchedules } from './schedules.js';

export interface StatusReport {
  readonly statuses: readonly AccountStatus[];
  /** Everything that needs a person, in these accounts and in the installation. */
  readonly attention: readonly Attention[];
}

/** Reads the status of the shown accounts and lists everything that needs a person. */
export async function readStatus(input: {
  /** All accounts of the settings. */
  readonly accounts: readonly Account[];
  readonly shown: readonly Account[];
  readonly client: Client;
  readonly store: Store;
  readonly now: Date;
  /** True if an alert URL is set; false if left out. */
  readonly hasAlerts?: boolean;
}): Promise<StatusReport> {
  const { accounts, shown, client, store, now, hasAlerts = false } = input;
  const [statuses, unknown, ofAlerts] = await Promise.all([
    Promise.all(shown.map((account) => accountStatus({ account, client, store, now }))),
    unknownSchedules(client, accounts),
    hasAlerts ? alertsAttention({ client, store }) : [],
  ]);
  return { statuses, attention: [...ofAlerts, ...attentionOf({ statuses, unknownSchedules: unknown, now })] };
}
