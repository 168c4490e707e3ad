/**
 * Drains a feed as a plain script would: got, JSON.parse, rows grouped by call, one bulkWrite for a page, and the cursor
 * saved after it. It keeps each row as it came, and shows the columns of the newest row at the top.
 *
 * Options are JSON in the first argument: `feedUrl` (the page's URL without its query), `token`, `limit`, `mongoUri`,
 * `database`, and `fillerBytes`, a text that makes a document as large as callweave's. The last line on stdout is JSON:
 * `{pages, rows, seconds}`.
 */
import got from 'got';
import { MongoClient } from 'mongodb';

const { feedUrl, token, limit, mongoUri, database, fillerBytes } = JSON.parse(process.argv[2]);
const filler = 'x'.repeat(fillerBytes);

const client = await MongoClient.connect(mongoUri, { writeConcern: { w: 'majority' } });
const db = client.db(database);
const counts = { pages: 0, rows: 0 };
const startedAt = performance.now();
for (let cursor = await readCursor(); ;) {
  const rows = await fetchPage(cursor);
  if (rows.length === 0) break;
  await writePage(rows);
  cursor = rows.at(-1).transaction_id;
  await db.collection('cursors').updateOne({ _id: 'feed' }, { $set: { cursor } }, { upsert: true });
  counts.pages += 1;
  counts.rows += rows.length;
}
process.stdout.write(`${JSON.stringify({ ...counts, seconds: (performance.now() - startedAt) / 1_000 })}\n`);
await client.close();

async function readCursor() {
  return (await db.collection('cursors').findOne({ _id: 'feed' }))?.cursor ?? null;
}

async function fetchPage(cursor) {
  const searchParams = {
    limit,
    include_columns: '$invoca_default_columns,custom_data',
    ...(cursor !== null && { start_after_transaction_id: cursor }),
  };
  return JSON.parse(await got(feedUrl, { searchParams, headers: { authorization: token } }).text());
}

async function writePage(rows) {
  const writes = [...groupByCall(rows)].map(([callId, ofCall]) => ({
    updateOne: {
      filter: { _id: callId },
      update: {
        $set: { call: ofCall.at(-1), updatedAt: new Date() },
        $setOnInsert: { filler },
        $push: { rows: { $each: ofCall } },
      },
      upsert: true,
    },
  }));
  await db.collection('calls').bulkWrite(writes, { ordered: false });
}

function groupByCall(rows) {
  const calls = new Map();
  for (const row of rows) {
    const ofCall = calls.get(row.complete_call_id);
    if (ofCall === undefined) calls.set(row.complete_call_id, [row]);
    else ofCall.push(row);
  }
  return calls;
}
