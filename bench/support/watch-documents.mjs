/** A reader of MongoDB that notes when the rows of documents appear. */
import { setTimeout as sleep } from 'node:timers/promises';
import { placeOf } from '../programs/feed-rows.mjs';

const INTERVAL_MS = 200;
/** A new document is stamped before it is written. */
const WRITE_MS = 3_000;

/** Starts to watch the calls of an account. `seen` maps the place of a row in the feed to the instant of its first sight. */
export function watchDocuments({ database, account, atEnd }) {
  const seen = new Map();
  let isOver = false;
  const watching = (async () => {
    let newestMs = 0;
    while (!isOver) {
      const changed = { account, updatedAt: { $gte: new Date(newestMs - WRITE_MS) } };
      const fields = { updatedAt: 1, 'transactions.transactionId': 1 };
      const documents = await database.collection('calls').find(changed, { projection: fields }).toArray();
      const now = Date.now();
      for (const { updatedAt, transactions } of documents) {
        newestMs = Math.max(newestMs, updatedAt.getTime());
        for (const { transactionId } of transactions) {
          const row = placeOf(transactionId);
          if (!seen.has(row)) seen.set(row, now);
        }
      }
      await sleep(INTERVAL_MS);
    }
  })();
  // A failure is thrown where the watch ends.
  watching.catch(() => undefined);
  atEnd(() => {
    isOver = true;
    return watching;
  });
  return { seen };
}
