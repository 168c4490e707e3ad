import type { Account } from '../../settings/accounts.js';
import type { Store } from '../../store/store.js';
import type { CheckResult } from './check-result.js';
import { checkCredira } from './credira-checks.js';
import { checkInvoca } from './invoca-checks.js';

export interface SourceCheckInput {
  readonly account: Account;
  /** Null if MongoDB cannot be used: then the holds are unknown and everything is skipped. */
  readonly store: Store | null;
  /** Instant after which nothing more is begun. */
  readonly deadline: Date;
  readonly signal: AbortSignal;
}

/**
 * Checks an account's credentials and rights, and that its time zone fits what the source sends. Makes at most four
 * requests, at the rate of the account, and writes nothing. Returns one result for each check of the source, in the
 * order of the checks.
 *
 * @throws the signal's reason after an abort
 */
export async function checkSource({ account, ...input }: SourceCheckInput): Promise<CheckResult[]> {
  switch (account.source) {
    case 'invoca':
      return checkInvoca({ account, ...input });
    case 'credira':
      return checkCredira({ account, ...input });
  }
}
