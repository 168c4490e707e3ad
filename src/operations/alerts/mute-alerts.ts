import { mayConcern, type AttentionCode } from '../../domain/alerts/attention.js';
import { UsageError } from '../../settings/errors.js';
import type { Store } from '../../store/store.js';

/** An alert that is muted until an instant, or is not muted any longer. */
export interface MutedAlert {
  readonly account: string | null;
  readonly code: AttentionCode;
  readonly mutedUntil: Date | null;
}

/**
 * Mutes a code for one account; without one, for all accounts of the settings or of earlier alerts and the whole
 * installation, as far as the code may concern them. `until` null ends the mutes.
 * @throws UsageError if the code never concerns an account, and one is named
 */
export async function muteAlerts(
  store: Pick<Store, 'alerts'>,
  of: {
    readonly code: AttentionCode;
    /** Null for all. */
    readonly account: string | null;
    /** Names of all accounts of the settings. */
    readonly accounts: readonly string[];
    readonly until: Date | null;
  },
): Promise<MutedAlert[]> {
  const { code, account, until } = of;
  if (account !== null && !mayConcern(code, account)) {
    throw new UsageError(`${code} is about the whole installation: leave --account out`);
  }
  const known = (await store.alerts.list()).filter((record) => record.code === code);
  const all = account === null ? [null, ...of.accounts, ...known.map((record) => record.account)] : [account];
  const accounts = [...new Set(all)].filter((each) => mayConcern(code, each));
  await store.alerts.mute({ code, accounts, until });
  return accounts.map((each) => ({ account: each, code, mutedUntil: until }));
}
