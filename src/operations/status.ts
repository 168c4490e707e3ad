import type { Client } from '@temporalio/client';
import type { Attention } from '../domain/alerts/attention.js';
import { grouped } from '../domain/grouped.js';
import type { Account } from '../settings/accounts.js';
import type { Store } from '../store/store.js';
import { waitsOf } from '../temporal/runs/waits.js';
import { listOwnSchedules } from '../temporal/schedules/own-schedules.js';
import { accountStatus, type AccountStatus } from './account-status.js';
import { alertsAttention } from './alerts/alerts-attention.js';
import { attentionOf } from './attention.js';
import { runFacts, runsToAsk } from './run-facts.js';
import { findSchedules, unknownAmong } from './schedules.js';
import { storedFacts } from './stored-facts.js';

export interface StatusReport {
  readonly statuses: readonly AccountStatus[];
  /** Everything that needs a person, in these accounts and in the installation. */
  readonly attention: readonly Attention[];
}

interface StatusOf {
  /** All accounts of the settings. */
  readonly accounts: readonly Account[];
  readonly shown: readonly Account[];
  readonly client: Client;
  readonly store: Store;
  readonly now: Date;
  /** True if an alert URL is set; false if left out. */
  readonly hasAlerts?: boolean;
}

/**
 * Reads the status of the shown accounts and lists everything that needs a person. Whatever the number of accounts,
 * each collection and each list of Temporal is read once; only task queues and running workflows are read one by one.
 */
export async function readStatus(input: StatusOf): Promise<StatusReport> {
  const { accounts, shown, client, store, now, hasAlerts = false } = input;
  const [storedOf, runsOf, listed, ofAlerts] = await Promise.all([
    storedFacts({ accounts: shown, store, now }),
    runFacts({ client, accounts: shown, now }),
    listOwnSchedules(client),
    hasAlerts ? alertsAttention({ client, store }) : [],
  ]);
  const asked = shown.flatMap((account) => runsToAsk(runsOf(account), storedOf(account).outage !== null));
  const [schedules, waits] = await Promise.all([
    findSchedules({ client, accounts: shown, listed }),
    waitsOf(client, asked),
  ]);
  const waitsByAccount = grouped(waits, ({ account }) => account);
  const statuses = shown.map((account) =>
    accountStatus({
      account,
      stored: storedOf(account),
      runs: runsOf(account),
      schedules: schedules.get(account.name) ?? [],
      waits: waitsByAccount.get(account.name) ?? [],
      now,
    }),
  );
  const ofAccounts = attentionOf({ statuses, unknownSchedules: unknownAmong(listed, accounts), now });
  return { statuses, attention: [...ofAlerts, ...ofAccounts] };
}
