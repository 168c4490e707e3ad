import { findingText, startSources } from '../operations/check/run-check.js';
import { isConsequence } from '../operations/check/source-results.js';
import type { Account } from '../settings/settings.js';
import type { Store } from '../store/store.js';

/**
 * Checks the accounts at their sources and shows what is not ok. Takes at most some 15 seconds, ends early if the
 * signal aborts, and never fails: the drain reports what it meets itself.
 */
export async function showSourceNews(input: {
  readonly accounts: readonly Account[];
  readonly store: Store;
  readonly signal: AbortSignal;
  readonly say: (line: string) => void;
}): Promise<void> {
  const { accounts, store, signal, say } = input;
  const checks = await startSources({ accounts, signal })(store).catch(() => []);
  if (signal.aborted) return;
  const news = checks.filter((check) => check.state !== 'ok' && !isConsequence(check));
  for (const check of news) {
    say(`${check.account ?? 'source'}: ${check.id.replace(/^source\./, '')} ${check.state}: ${findingText(check)}`);
  }
  if (news.length > 0)
    say('after a change of the settings, stop callweave and start it again: it reads them only then');
}
