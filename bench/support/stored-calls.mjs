/** A database with many calls: some thousand that a worker has drained, and copies of them with other ids. */
import { deflateSync } from 'node:zlib';
import { BSON } from 'mongodb';
import { mean, sum } from './figures.mjs';

const ID = /[CT](\d{9})/g;
const BATCH = 1_000;
/** Batches that are inserted at once. */
const LANES = 2;
const TEXT = 'agent: Acme Dental, how may I help you?\ncaller: I would like an appointment.\n'.repeat(10);
/** Calls with a due transcript in the fresh lane; the others that are due are old. */
const FRESH = 250;
/** Of ten calls, one has a transcript that is due, one that is due in a week, six that is stored, and two none. */
const STATUSES = ['pending', 'later', 'none', 'none', ...Array.from({ length: 6 }, () => 'available')];

/** Copies the stored calls of a feed of `rows` rows until `count` calls are stored. Returns the number of calls. */
export async function multiplyCalls({ database, rows, count }) {
  const calls = database.collection('calls');
  const templates = (await calls.find().toArray()).map(templateOf);
  const copies = Math.max(1, Math.round(count / templates.length));
  const batches = batchesOf({ templates, copies, rows });
  await calls.deleteMany({});
  const insertInTurn = async () => {
    for (const batch of batches) await calls.insertMany(batch, { ordered: false });
  };
  await Promise.all(Array.from({ length: LANES }, insertInTurn));
  return templates.length * copies;
}

/** Documents that are measured, and the size of the blocks in which MongoDB's storage engine compresses them. */
const MEASURED = 2_000;
const BLOCK_BYTES = 32_768;

/** Returns the mean bytes of a call's document: in all, without its transcript, and as zlib compresses it in blocks. */
export async function measureBytes(database) {
  const documents = await database.collection('calls').find().limit(MEASURED).toArray();
  const all = documents.map((document) => BSON.serialize(document));
  const bare = documents.map((document) =>
    BSON.calculateObjectSize({ ...document, transcript: undefined }, { ignoreUndefined: true }),
  );
  const bytes = Buffer.concat(all);
  const blocks = Array.from({ length: Math.ceil(bytes.length / BLOCK_BYTES) }, (_, place) =>
    deflateSync(bytes.subarray(place * BLOCK_BYTES, (place + 1) * BLOCK_BYTES)),
  );
  return {
    'with the transcript of the bench': bytes.length / documents.length,
    'without its transcript': mean(bare),
    'with it, by zlib': sum(blocks.map(({ length }) => length)) / documents.length,
  };
}

/** Finds the ids in the bytes of a document: they have a fixed length, so a copy differs in their digits only. */
function templateOf(document) {
  const bytes = Buffer.from(BSON.serialize(document));
  const ids = Array.from(bytes.toString('latin1').matchAll(ID), ({ index, 1: digits }) => ({
    at: index + 1,
    place: Number(digits),
  }));
  return { bytes, ids };
}

function* batchesOf({ templates, copies, rows }) {
  const firstMs = Date.now() - templates.length * copies;
  let number = 0;
  let batch = [];
  for (let copy = 0; copy < copies; copy += 1) {
    for (const template of templates) {
      batch.push(copyOf({ template, shift: copy * rows, number, at: new Date(firstMs + number) }));
      number += 1;
      if (batch.length === BATCH) {
        yield batch;
        batch = [];
      }
    }
  }
  if (batch.length > 0) yield batch;
}

function copyOf({ template: { bytes, ids }, shift, number, at }) {
  const copy = Buffer.from(bytes);
  for (const id of ids) copy.write(String(id.place + shift).padStart(9, '0'), id.at, 'latin1');
  return { ...BSON.deserialize(copy), createdAt: at, updatedAt: at, transcript: transcriptOf(number, at) };
}

function transcriptOf(number, at) {
  const status = STATUSES[number % STATUSES.length];
  const lane = number < FRESH * STATUSES.length ? 'fresh' : 'old';
  const nothing = { lane, attempts: 1, nextAttemptAt: null, fetchedAt: null, text: null, turns: [], reason: null };
  switch (status) {
    case 'pending':
      return { ...nothing, status, attempts: 0, nextAttemptAt: at };
    case 'later':
      return { ...nothing, status: 'pending', nextAttemptAt: new Date(at.getTime() + 7 * 86_400_000) };
    case 'available':
      return { ...nothing, status, fetchedAt: at, text: TEXT };
    default:
      return { ...nothing, status, reason: 'The source has no transcript.' };
  }
}
