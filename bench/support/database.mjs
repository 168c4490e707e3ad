/** Databases that exist for one run. */
import { randomUUID } from 'node:crypto';
import { BSON } from 'mongodb';
import { mean } from './figures.mjs';

const SAMPLE = 2_000;

/** Calls `use` with a new database and drops it afterwards. */
export async function withDatabase({ mongoClient }, use) {
  const database = mongoClient.db(`bench_${randomUUID().slice(0, 8)}`);
  try {
    return await use(database);
  } finally {
    await database.dropDatabase();
  }
}

/** Returns the mean size of the documents of `calls`, in bytes, of a sample of them. */
export async function documentBytes(database) {
  const documents = await database.collection('calls').find().limit(SAMPLE).toArray();
  if (documents.length === 0) throw new Error('No call is stored: their size is unknown.');
  return mean(documents.map((document) => BSON.calculateObjectSize(document)));
}
