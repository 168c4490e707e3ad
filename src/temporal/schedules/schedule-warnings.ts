import type { Account } from '../../settings/accounts.js';

/** Lists the schedules that the accounts' settings ask for but lack a setting for, one sentence each. */
export function scheduleWarnings(accounts: readonly Account[]): string[] {
  return accounts
    .filter(lacksReconcile)
    .map(
      ({ name }) =>
        `${name}: the nightly reconcile is not scheduled, because the account has no time zone. Set INVOCA_TIME_ZONE ` +
        '(timeZone in callweave.yaml) to the time zone of the token, or INVOCA_RECONCILE_DAYS (reconcileDays) to 0.',
    );
}

function lacksReconcile(account: Account): boolean {
  switch (account.source) {
    case 'invoca':
      return account.reconcileDays > 0 && account.timeZone === null;
    case 'credira':
      return false;
  }
}
