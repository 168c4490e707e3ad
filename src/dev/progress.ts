import { transcriptCountsLine } from '../domain/transcripts/transcript.js';
import { count } from '../domain/count.js';
import { everyInterval } from '../process/every-interval.js';
import { runningHold, type Hold } from '../store/limits/holds.js';
import type { Outage } from '../store/limits/outages.js';
import type { Store } from '../store/store.js';
import { liveStream } from '../workflows/ids.js';
import { waitLine } from '../workflows/progress.js';

const REFRESH_MS = 1_000;

/**
 * Describes each account: pages and rows since its checkpoint was made, and stored calls and transcripts: with many
 * calls as a worker counted them last.
 */
async function describeAccounts(store: Store, accounts: readonly string[]): Promise<string> {
  const lines = await Promise.all(accounts.map((account) => describeAccount(store, account)));
  return lines.join(' | ');
}

async function describeAccount(store: Store, account: string): Promise<string> {
  const [checkpoint, invoices, counts, rejects, outage, hold] = await Promise.all([
    store.checkpoints.read(liveStream(account)),
    store.invoices.summary(account),
    store.callCounts.read(account),
    store.rejects.count(account),
    store.outages.read(account),
    store.limits.read(account),
  ]);
  const { pages, rows } = checkpoint?.totals ?? { pages: 0, rows: 0 };
  const transcripts = transcriptCountsLine(counts.byStatus);
  const parts = [
    ...(invoices.tracked > 0 ? [count(invoices.tracked, 'invoice')] : [count(pages, 'page'), count(rows, 'row')]),
    ...(counts.calls === null ? [] : [count(counts.calls, 'call')]),
    ...(rejects > 0 ? [count(rejects, 'reject')] : []),
  ];
  const line = `${account}: ${parts.join(', ')}`;
  return [line, ...(transcripts === '' ? [] : [`transcripts: ${transcripts}`]), ...describeTrouble(outage, hold)].join(
    '; ',
  );
}

/** Returns the reason why no data arrives, or an empty list. */
function describeTrouble(outage: Outage | null, hold: Hold | null): string[] {
  const running = runningHold(hold, new Date());
  if (running !== null) return [waitLine({ ...running, until: running.until.toISOString() })];
  return outage === null ? [] : [`no answer from the source: ${outage.reason}`];
}

/** Shows the accounts' progress every second until the signal aborts, except while the store does not answer. */
export async function showProgress(input: {
  store: Store;
  accounts: readonly string[];
  show: (line: string) => void;
  signal: AbortSignal;
}): Promise<void> {
  const { store, accounts, show, signal } = input;
  await everyInterval({ pauseMs: REFRESH_MS, signal }, async () => {
    const line = await describeAccounts(store, accounts).catch(() => null);
    if (line !== null && !signal.aborted) show(line);
  });
}
