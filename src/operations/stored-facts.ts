import type { Account } from '../settings/accounts.js';
import type { Checkpoint } from '../store/feed/checkpoint-types.js';
import type { Hold } from '../store/limits/holds.js';
import type { TranscriptsState } from '../store/limits/transcript-holds.js';
import type { Store } from '../store/store.js';
import type { Readability, TranscriptSummary } from '../store/transcripts/transcript-summary.js';
import { liveStream } from '../workflows/ids.js';
import type { AccountStatus } from './account-status.js';

export type StoredFacts = Pick<
  AccountStatus,
  | 'calls'
  | 'newestCallAt'
  | 'rejects'
  | 'unreadableAmounts'
  | 'outage'
  | 'zoneMismatch'
  | 'platformZoneMismatch'
  | 'invoices'
  | 'nudges'
> & {
  readonly checkpoint: Checkpoint | null;
  readonly looks: TranscriptSummary;
  readonly readability: Readability;
  readonly transcriptsState: TranscriptsState;
  readonly limit: Hold | null;
};

/** Reads what MongoDB says of an account. */
export async function storedFacts({ account, store }: { account: Account; store: Store }): Promise<StoredFacts> {
  const { name } = account;
  const [summary, ofTranscripts, rejects, unreadableAmounts, limit, outage, zones, checkpoint, invoices, nudges] =
    await Promise.all([
      store.calls.summary(name),
      transcriptFacts(store, name),
      store.rejects.count(name),
      store.calls.countUnreadableAmounts(name),
      store.limits.read(name),
      store.outages.read(name),
      store.limits.zoneNotes({ account: name, timeZone: account.source === 'invoca' ? account.timeZone : null }),
      store.checkpoints.read(liveStream(name)),
      account.source === 'credira' ? store.invoices.summary(name) : null,
      store.nudges.read(name),
    ]);
  const { calls, newestStartedAt: newestCallAt } = summary;
  const counts = { calls, newestCallAt, rejects, unreadableAmounts };
  const zoneFacts = { zoneMismatch: zones['time-zone'], platformZoneMismatch: zones['platform-time-zone'] };
  return { ...counts, ...ofTranscripts, ...zoneFacts, checkpoint, limit, outage, invoices, nudges };
}

async function transcriptFacts(
  store: Store,
  account: string,
): Promise<Pick<StoredFacts, 'looks' | 'readability' | 'transcriptsState'>> {
  const [looks, readability, transcriptsState] = await Promise.all([
    store.transcripts.summary(account),
    store.transcripts.readability(account),
    store.limits.transcriptsState(account),
  ]);
  return { looks, readability, transcriptsState };
}
