import type { Db, IndexDescription } from 'mongodb';
import { describing } from './errors.js';

/** Names are stable: an index is looked for by its name, and one that changes its keys must change its name. */
const INDEXES: Readonly<Record<string, IndexDescription[]>> = {
  calls: [
    { name: 'account_startedAt', key: { account: 1, startedAt: 1 } },
    { name: 'account_updatedAt', key: { account: 1, updatedAt: 1 } },
    { name: 'callId', key: { callId: 1 } },
    { name: 'fromKey', key: { fromKey: 1 } },
    { name: 'transactionId', key: { 'transactions.transactionId': 1 } },
    { name: 'signal', key: { 'signals.name': 1, 'signals.value': 1 } },
    {
      // The status is a key too: a query is then answered from the index where a server would read documents to check it.
      name: 'transcript_pending',
      key: { account: 1, 'transcript.status': 1, 'transcript.lane': 1, 'transcript.nextAttemptAt': 1 },
      partialFilterExpression: { 'transcript.status': 'pending' },
    },
    {
      // Of all transcripts that are held, the few whose analysis is still to come.
      name: 'transcript_analysis_due',
      key: { account: 1, 'transcript.status': 1, 'transcript.nextAttemptAt': 1 },
      partialFilterExpression: { 'transcript.status': 'available', 'transcript.nextAttemptAt': { $gt: new Date(0) } },
    },
    {
      // Counting calls by transcript status, or by reason, reads this index alone, never the documents.
      name: 'transcript_status_startedAt',
      key: { account: 1, 'transcript.status': 1, startedAt: 1, 'transcript.reason': 1 },
    },
  ],
  checkpoints: [{ name: 'account_window', key: { account: 1, 'window.from': 1, 'window.to': 1 } }],
  pages: [{ name: 'stream_cursorIn', key: { stream: 1, cursorIn: 1 } }],
  differences: [
    { name: 'run_callId', key: { run: 1, callId: 1 } },
    { name: 'foundAt_month', key: { foundAt: 1 }, expireAfterSeconds: 31 * 24 * 3_600 },
  ],
  invoices: [
    { name: 'account_nextDueAt', key: { account: 1, nextDueAt: 1 } },
    // Counting invoices by outcome reads this index alone.
    { name: 'account_outcome_lastSyncAt', key: { account: 1, outcome: 1, lastSyncAt: 1 } },
  ],
  rejects: [{ name: 'account_seenAt', key: { account: 1, seenAt: 1 } }],
};

/** All indexes exist afterwards. Creating one that exists does nothing, so any number of processes may ask at once. */
export async function ensureIndexes(db: Db): Promise<void> {
  for (const [collection, indexes] of Object.entries(INDEXES)) {
    const names = indexes.map(({ name }) => name).join(', ');
    await describing(`${collection}: creating the indexes ${names}`, () =>
      db.collection(collection).createIndexes(indexes),
    );
  }
}
