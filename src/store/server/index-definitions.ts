/** The part of an index's description that decides which queries it serves. */
export interface WantedIndex {
  /** Never changes its meaning: an index with other keys gets another name. */
  readonly name: string;
  readonly key: Readonly<Record<string, 1 | -1>>;
  readonly partialFilterExpression?: object;
  readonly expireAfterSeconds?: number;
}

/** Time after which the server deletes what an unfinished verification has listed. */
export const EXPECTED_CALLS_KEPT_SECONDS = 31 * 24 * 3_600;

/** The indexes that callweave needs, by collection. */
export const INDEXES: Readonly<Record<string, readonly WantedIndex[]>> = {
  calls: [
    // Serves all queries by start; counting calls and their rows by day reads only this index.
    { name: 'account_startedAt_rowCount', key: { account: 1, startedAt: 1, rowCount: 1 } },
    { name: 'account_updatedAt', key: { account: 1, updatedAt: 1 } },
    { name: 'callId', key: { callId: 1 } },
    { name: 'fromKey', key: { fromKey: 1 } },
    { name: 'transactionId', key: { 'transactions.transactionId': 1 } },
    { name: 'signal', key: { 'signals.name': 1, 'signals.value': 1 } },
    {
      // The status is a key too, so that no server needs to read the documents to check it.
      name: 'transcript_pending',
      key: { account: 1, 'transcript.status': 1, 'transcript.lane': 1, 'transcript.nextAttemptAt': 1 },
      partialFilterExpression: { 'transcript.status': 'pending' },
    },
    {
      // The few stored transcripts whose analysis is still to be fetched.
      name: 'transcript_analysis_due',
      key: { account: 1, 'transcript.status': 1, 'transcript.nextAttemptAt': 1 },
      partialFilterExpression: { 'transcript.status': 'available', 'transcript.nextAttemptAt': { $gt: new Date(0) } },
    },
    {
      // The newest transcripts: no other index has them in the order they were fetched.
      name: 'transcript_fetchedAt',
      key: { account: 1, 'transcript.status': 1, 'transcript.fetchedAt': 1 },
      partialFilterExpression: { 'transcript.status': 'available' },
    },
    {
      // The few calls with an amount that cannot be read; counting them reads only this index.
      name: 'unreadable_amounts',
      key: { account: 1, 'provenance.unreadableAmounts': 1 },
      partialFilterExpression: { 'provenance.unreadableAmounts': { $gt: 0 } },
    },
    {
      // Counting calls by transcript status, or by reason, reads only this index.
      name: 'transcript_status_startedAt',
      key: { account: 1, 'transcript.status': 1, startedAt: 1, 'transcript.reason': 1 },
    },
  ],
  callCounts: [{ name: 'account_countedAt', key: { account: 1, countedAt: 1 } }],
  checkpoints: [{ name: 'account_window', key: { account: 1, 'window.from': 1, 'window.to': 1 } }],
  pages: [{ name: 'stream_cursorIn', key: { stream: 1, cursorIn: 1 } }],
  differences: [
    { name: 'run_callId', key: { run: 1, callId: 1 } },
    { name: 'foundAt_month', key: { foundAt: 1 }, expireAfterSeconds: 31 * 24 * 3_600 },
  ],
  expected: [
    // Finds the calls that were not shown without reading the others.
    { name: 'run_shown_callId', key: { run: 1, shown: 1, callId: 1 } },
    { name: 'listedAt_month', key: { listedAt: 1 }, expireAfterSeconds: EXPECTED_CALLS_KEPT_SECONDS },
  ],
  invoices: [
    { name: 'account_nextDueAt', key: { account: 1, nextDueAt: 1 } },
    // Counting invoices by outcome reads only this index.
    { name: 'account_outcome_lastSyncAt', key: { account: 1, outcome: 1, lastSyncAt: 1 } },
  ],
  rejects: [
    // Newest first, of one account or of all.
    { name: 'account_seenAt_id', key: { account: 1, seenAt: -1, _id: 1 } },
    { name: 'seenAt_id', key: { seenAt: -1, _id: 1 } },
  ],
};
