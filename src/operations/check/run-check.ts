import { setMaxListeners } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Account } from '../../settings/accounts.js';
import type { Store } from '../../store/store.js';
import type { TemporalAddress } from '../../temporal/server/connect.js';
import { checkRefusedAlerts, skippedAlerts } from './alert-checks.js';
import type { CheckResult } from './check-result.js';
import { checkMongodb, openForCheck, skippedMongodb } from './mongodb-checks.js';
import { checkSource, unfinishedChecks } from './source-checks.js';
import { checkTemporal } from './temporal-checks.js';
import { Trials } from './trials.js';

/** Time after which no request to a source is begun. */
const BEGIN_WITHIN_MS = 8_000;
/** Time after which a source that is still silent is given up: the process needs some of the 15 seconds itself. */
const END_WITHIN_MS = 10_500;
/** Time to close the connections to a server that may be silent. */
const CLOSE_WITHIN_MS = 500;

interface CheckInput {
  /** The accounts to check. */
  readonly accounts: readonly Account[];
  readonly mongodb: { readonly uri: string; readonly database: string };
  readonly temporalAddress: TemporalAddress;
  /** True if an alert URL is set. */
  readonly hasAlerts: boolean;
  readonly signal: AbortSignal;
}

/**
 * Checks the servers side by side, and the sources as soon as MongoDB answers, in less than 15 seconds. Leaves nothing
 * behind.
 * @throws the reason of the signal if it aborts, once everything is removed
 */
export async function runCheck(input: CheckInput): Promise<CheckResult[]> {
  const { accounts, temporalAddress: address, hasAlerts, signal } = input;
  const [temporal, others] = await Promise.allSettled([
    checkTemporal({ address, accounts, hasAlerts, signal }),
    checkStoreAndSources(input),
  ]);
  signal.throwIfAborted();
  if (temporal.status === 'rejected') throw temporal.reason;
  if (others.status === 'rejected') throw others.reason;
  return [...temporal.value, ...others.value];
}

/** Returns what was found and what to do about it, as one text. Commands to type may follow on lines of their own. */
export function findingText({ message, advice }: Pick<CheckResult, 'message' | 'advice'>): string {
  return advice === null ? message : `${message.replace(/\.$/, '')}. ${advice}`;
}

async function checkStoreAndSources({ accounts, mongodb, hasAlerts, signal }: CheckInput): Promise<CheckResult[]> {
  const trials = new Trials(signal);
  const sources = startSources({ accounts, signal });
  const { store, connection } = await openForCheck(mongodb, trials);
  if (store === null) {
    return [connection, ...skippedMongodb(), ...(hasAlerts ? skippedAlerts() : []), ...(await sources(null))];
  }
  const looks = [checkMongodb(store, trials), ...(hasAlerts ? [checkRefusedAlerts(store, trials)] : [])];
  const tidied = Promise.all(looks).finally(() => trials.cleanedUp());
  try {
    const [server, checked] = await Promise.all([tidied, sources(store)]);
    return [connection, ...server.flat(), ...checked];
  } finally {
    await Promise.allSettled([tidied]);
    await Promise.race([store.close(), sleep(CLOSE_WITHIN_MS, undefined, { ref: false })]);
  }
}

/** Begins to count the time of the sources. The function it returns checks them, account by account, side by side. */
export function startSources(of: {
  readonly accounts: readonly Account[];
  readonly signal: AbortSignal;
}): (store: Store | null) => Promise<CheckResult[]> {
  const beganMs = Date.now();
  const deadline = new Date(beganMs + BEGIN_WITHIN_MS);
  return async (store) => {
    const timeUp = AbortSignal.timeout(beganMs + END_WITHIN_MS - Date.now());
    const signal = AbortSignal.any([of.signal, timeUp]);
    // Each account listens to it.
    setMaxListeners(0, signal);
    const results = await Promise.all(
      of.accounts.map((account) =>
        unlessAborted({ account, signal }, checkSource({ account, store, deadline, signal })),
      ),
    );
    of.signal.throwIfAborted();
    return results.flat();
  };
}

/** Returns the results, or that they are not finished if the signal aborts before. */
async function unlessAborted(
  { account, signal }: { account: Account; signal: AbortSignal },
  checks: Promise<CheckResult[]>,
): Promise<CheckResult[]> {
  const done = new AbortController();
  const tooLate = new Promise<CheckResult[]>((resolve) => {
    const giveUp = (): void => {
      resolve(unfinishedChecks(account));
    };
    signal.addEventListener('abort', giveUp, { signal: done.signal, once: true });
  });
  try {
    return await Promise.race([checks, tooLate]);
  } finally {
    done.abort();
    checks.catch(() => undefined);
  }
}
