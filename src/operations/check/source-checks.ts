import type { Account } from '../../settings/accounts.js';
import type { Store } from '../../store/store.js';
import type { CheckResult } from './check-result.js';

export interface SourceCheckInput {
  readonly account: Account;
  /** Null if MongoDB cannot be used: then the holds are unknown and everything is skipped. */
  readonly store: Store | null;
  /** Instant after which nothing more is begun. */
  readonly deadline: Date;
  readonly signal: AbortSignal;
}

/** Checks an account at its source. */
export function checkSource({ account, store }: SourceCheckInput): Promise<CheckResult[]> {
  const message = store === null ? 'not tried, because mongodb.connection failed' : 'not built yet';
  return Promise.resolve([
    { id: 'source.credentials', account: account.name, state: 'skipped', message, advice: null },
  ]);
}
