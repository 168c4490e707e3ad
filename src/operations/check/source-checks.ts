import type { Account } from '../../settings/accounts.js';
import type { Store } from '../../store/store.js';
import type { CheckResult } from './check-result.js';
import { checkCredira, CREDIRA_CHECKS } from './credira-checks.js';
import { checkInvoca, INVOCA_CHECKS } from './invoca-checks.js';
import { afterFailed, notTried, resultsOf } from './source-results.js';
import { failed } from './trials.js';

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

/** Returns the results for an account whose checks did not end in time: nothing is known of the source. */
export function unfinishedChecks({ name, source, baseUrl, proxy }: Account): CheckResult[] {
  const ids: readonly string[] = source === 'invoca' ? INVOCA_CHECKS : CREDIRA_CHECKS;
  const [first = 'source.credentials', ...others] = ids;
  const through = proxy === null ? '' : ` through the proxy ${proxy.host} (HTTPS_PROXY)`;
  const trouble = failed(
    `asking ${new URL(baseUrl).host}${through}: no answer in the time of the check`,
    `Check the network${proxy === null ? '' : ' and the proxy'} between this machine and that host, and run \`callweave check\` again`,
  );
  const skip = notTried(afterFailed(first));
  return resultsOf({ name }, { [first]: trouble, ...Object.fromEntries(others.map((id) => [id, skip])) });
}
