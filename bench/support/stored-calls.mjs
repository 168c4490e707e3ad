/** A database with many calls: some thousand that a worker has drained, and copies of them with other ids. */
import { BSON } from 'mongodb';

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
