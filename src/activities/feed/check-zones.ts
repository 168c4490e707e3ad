import { log } from '@temporalio/activity';
import {
  compareVerdicts,
  mismatchMessage,
  ZONE_CODES,
  type ZoneCode,
  type ZoneVerdicts,
  zoneVerdicts,
} from '../../domain/days/zone-check.js';
import type { TransactionPage } from '../../sources/transaction-page.js';
import type { ZoneStates } from '../../store/limits/zone-notes.js';
import type { Store } from '../../store/store.js';
import type { FeedAccount } from '../dependencies.js';

type ZonedAccount = Pick<FeedAccount, 'name' | 'timeZone'>;

interface Notes {
  readonly store: { readonly limits: Pick<Store['limits'], 'noteZones'> };
  readonly now: () => Date;
}

/** The notes of an account as this worker last saw them: other workers may have replaced them by newer ones only. */
const known = new WeakMap<ZonedAccount, ZoneStates>();

/** Start of the note that this worker warned about last, in milliseconds since 1970, by account and comparison. */
const warned = new WeakMap<ZonedAccount, Map<ZoneCode, number>>();

/**
 * Compares the local times of a page with the account's zone, and with those of the platform. A page that says
 * something new is noted for `callweave status`: that a row disagrees, or that a call that started later agrees.
 * Warns in the log about each new note, once for each worker.
 */
export async function checkZones(
  { store, now }: Notes,
  feed: ZonedAccount,
  { transactions }: Pick<TransactionPage, 'transactions'>,
): Promise<void> {
  const { name: account, timeZone } = feed;
  const verdicts = zoneVerdicts(
    transactions.map(({ transaction }) => transaction),
    timeZone,
  );
  if (!isNews(verdicts, known.get(feed))) return;
  const states = await store.limits.noteZones({ account, timeZone, verdicts, now: now() });
  known.set(feed, states);
  for (const code of ZONE_CODES) warnOnce(feed, code, states);
}

/** True if a verdict is newer than the one noted. An older one never changes a note, so it costs no write. */
function isNews(verdicts: ZoneVerdicts, noted: ZoneStates | undefined): boolean {
  return ZONE_CODES.some((code) => {
    const verdict = verdicts[code];
    if (verdict === null) return false;
    const state = noted?.[code];
    return state == null || compareVerdicts(state.verdict, verdict) < 0;
  });
}

function warnOnce(feed: ZonedAccount, code: ZoneCode, states: ZoneStates): void {
  const state = states[code];
  const warnedOf = warned.get(feed) ?? new Map<ZoneCode, number>();
  if (state?.since == null || warnedOf.get(code) === state.since.getTime()) return;
  warned.set(feed, warnedOf.set(code, state.since.getTime()));
  const message = mismatchMessage(code, { ...state.verdict, timeZone: states.timeZone });
  log.warn(`Account ${feed.name}: ${message}. The row is the transaction ${state.verdict.transactionId}.`);
}
