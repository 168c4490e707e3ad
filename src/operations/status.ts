import type { Client } from '@temporalio/client';
import type { Account } from '../settings/accounts.js';
import type { Store } from '../store/store.js';
import { accountStatus, type AccountStatus } from './account-status.js';
import { attentionOf, type Attention } from './attention.js';
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
}): Promise<StatusReport> {
  const { accounts, shown, client, store, now } = input;
  const [statuses, unknown] = await Promise.all([
    Promise.all(shown.map((account) => accountStatus({ account, client, store, now }))),
    unknownSchedules(client, accounts),
  ]);
  return { statuses, attention: attentionOf({ statuses, unknownSchedules: unknown, now }) };
}
