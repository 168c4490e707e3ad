/** Calls whose transcripts are due. */
import { transactionFromColumns } from '../../dist/domain/invoca/row.js';
import { openStore } from '../../dist/store/store.js';

const POLICY = { enabled: true, maxAgeMs: null, delaysMs: [1_000], deadlineMs: 2_000 };
const BATCH = 500;

/** Stores `count` calls long past, whose transcripts are due at once. The account does not ask for analyses. */
export async function storeDueCalls({ servers, database, account, from, count }) {
  const store = await openStore({ uri: servers.mongo.uri, database: database.databaseName });
  try {
    await store.ensureIndexes();
    const seenAt = new Date();
    for (let first = from; first < from + count; first += BATCH) {
      const length = Math.min(BATCH, from + count - first);
      const transactions = Array.from({ length }, (_unused, index) => transactionOf({ index: first + index, seenAt }));
      const merge = { account, source: 'invoca', transactions, transcriptPolicy: POLICY, now: () => seenAt };
      await store.calls.mergeTransactions(merge);
    }
    await store.limits.setAnalysis({ account, value: 'off' });
  } finally {
    await store.close();
  }
}

function transactionOf({ index, seenAt }) {
  const columns = { transaction_type: 'Call', start_time_utc: Date.UTC(2023, 5, 2) + index * 60_000, duration: 60 };
  return {
    callId: `DUE-${index}`,
    transaction: transactionFromColumns({ transactionId: `D-${index}`, columns, customData: [], seenAt }),
  };
}
