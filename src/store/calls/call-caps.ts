import { BSON } from 'mongodb';
import type { MergedInvocaCall } from '../../domain/invoca/invoca-call.js';
import { foldTransactions } from '../../domain/invoca/fold.js';
import { mergeCall } from '../../domain/invoca/merge.js';
import type { Transaction } from '../../domain/invoca/transaction.js';
import { mergedFields } from './call-document.js';

const MIB = 1024 * 1024;

/**
 * Shares of a document's 16 MiB, so that no part keeps another from being written: the rows of a call; the fields
 * derived from them; text and turns of the transcript together; its analysis. The rest is for ids, instants and
 * reasons. In all feeds seen, the derived fields are no larger than the rows; their cap is for any other feed.
 */
export const ROWS_CAP_BYTES = 8 * MIB;
export const DERIVED_CAP_BYTES = 3 * MIB;
export const CONVERSATION_CAP_BYTES = 4 * MIB;
export const ANALYSIS_CAP_BYTES = 0.75 * MIB;

/** Reason of a reject that is valid, but too large for its call: a row, or the fields of a Credira call. */
export const CALL_TOO_LARGE =
  'call-too-large: with this the call would be too large for one document, which holds at most ' +
  `${ROWS_CAP_BYTES / MIB} MiB of rows and ${DERIVED_CAP_BYTES / MIB} MiB of what is derived from them`;

/** Result of a merge. `merged` is null if the rows add nothing to the stored call. */
export interface CappedMerge {
  readonly merged: MergedInvocaCall | null;
  /** Rows left out because with them the call would outgrow its document. */
  readonly rejected: readonly Transaction[];
}

/**
 * Folds rows into those stored and merges the call. Stored rows stay. Rows seen are taken in the order of their ids;
 * those that would push the call over a cap are left out.
 */
export function mergeWithinCaps({
  stored,
  seen,
}: {
  stored: readonly Transaction[];
  seen: readonly Transaction[];
}): CappedMerge {
  const { transactions, changed } = foldTransactions({ stored, seen });
  if (!changed) return { merged: null, rejected: [] };
  if (isSurelySmall(transactions)) return { merged: mergeCall(transactions), rejected: [] };
  if (sizeOfAll(transactions) <= ROWS_CAP_BYTES) {
    const merged = mergeCall(transactions);
    if (isDerivedSmall(merged)) return { merged, rejected: [] };
  }
  return mergeFewer({ stored, seen });
}

/**
 * Merges like `mergeWithinCaps`, but also if the rows say nothing new. `merged` is null only if no row is stored and
 * none of those seen fits.
 */
export function recomputeWithinCaps(rows: {
  stored: readonly Transaction[];
  seen: readonly Transaction[];
}): CappedMerge {
  const { merged, rejected } = mergeWithinCaps(rows);
  if (merged !== null || rows.stored.length === 0) return { merged, rejected };
  return { merged: mergeCall(foldTransactions({ stored: rows.stored, seen: [] }).transactions), rejected };
}

/** Takes the rows within the rows' cap and merges as many of them as keep the derived fields within theirs. */
function mergeFewer({ stored, seen }: { stored: readonly Transaction[]; seen: readonly Transaction[] }): CappedMerge {
  const { taken, rejected } = takeUpToCap({ stored, seen });
  let merged: MergedInvocaCall | null = null;
  let fitting = 0;
  let tooMany = taken.length + 1;
  for (let tried = taken.length; fitting + 1 < tooMany; tried = Math.floor((fitting + tooMany) / 2)) {
    const candidate = mergeCall(foldTransactions({ stored, seen: taken.slice(0, tried) }).transactions);
    if (isDerivedSmall(candidate)) {
      merged = candidate;
      fitting = tried;
    } else {
      tooMany = tried;
    }
  }
  return { merged, rejected: [...rejected, ...taken.slice(fitting)].sort(byIdAndInstant) };
}

/** Separates rows within the cap from those over it. `taken` has only rows that say something new, ordered by id. */
function takeUpToCap({ stored, seen }: { stored: readonly Transaction[]; seen: readonly Transaction[] }): {
  taken: readonly Transaction[];
  rejected: readonly Transaction[];
} {
  const byId = new Map(stored.map((transaction) => [transaction.transactionId, transaction]));
  const taken: Transaction[] = [];
  const rejected: Transaction[] = [];
  let bytes = sizeOfAll(stored);
  for (const row of seen.toSorted(byIdAndInstant)) {
    const before = byId.get(row.transactionId);
    const folded = foldTransactions({ stored: before === undefined ? [] : [before], seen: [row] });
    if (!folded.changed) continue;
    const bytesAfter = bytes - (before === undefined ? 0 : sizeOf(before)) + sizeOfAll(folded.transactions);
    if (bytesAfter > ROWS_CAP_BYTES) {
      rejected.push(row);
      continue;
    }
    for (const after of folded.transactions) byId.set(after.transactionId, after);
    bytes = bytesAfter;
    taken.push(row);
  }
  return { taken, rejected };
}

function byIdAndInstant(a: Transaction, b: Transaction): number {
  if (a.transactionId !== b.transactionId) return a.transactionId < b.transactionId ? -1 : 1;
  return a.firstSeenAt.getTime() - b.firstSeenAt.getTime();
}

function isDerivedSmall(merged: MergedInvocaCall): boolean {
  const { transactions, ...derived } = mergedFields(merged);
  return (
    sizeOfAll(transactions) * DERIVED_PER_ROWS <= DERIVED_CAP_BYTES ||
    BSON.calculateObjectSize(derived) <= DERIVED_CAP_BYTES
  );
}

/** Derived fields are at most three times as large as their rows, so those of small rows need no measuring. */
const DERIVED_PER_ROWS = 3;

/**
 * True if the rows, and what is derived from them, are within their caps whatever the exact size. Nearly all calls are,
 * and this takes a tenth of the time of measuring them. False says nothing.
 */
function isSurelySmall(transactions: readonly Transaction[]): boolean {
  let bytes = 0;
  for (const transaction of transactions) {
    if (transaction.sightings !== undefined) return false;
    bytes += mostBytesOf(transaction);
  }
  return bytes * DERIVED_PER_ROWS <= DERIVED_CAP_BYTES;
}

/** Bytes of a character in UTF-8, at most. */
const BYTES_PER_CHARACTER = 3;
/** Bytes of a member in BSON beside its texts, at most: its type, the ends of name and text, a length or a number. */
const BYTES_PER_MEMBER = 16;
/** Bytes of a transaction without columns and custom data, beside its texts. */
const BYTES_PER_TRANSACTION = 1_024;
/** Bytes of an entry of custom data beside its texts. */
const BYTES_PER_ENTRY = 128;

/** Returns a number of bytes that a transaction without sightings does not exceed in BSON. */
function mostBytesOf({ transactionId, type, correctsTransactionId, columns, customData }: Transaction): number {
  let characters = transactionId.length + (type?.length ?? 0) + (correctsTransactionId?.length ?? 0);
  let bytes = BYTES_PER_TRANSACTION;
  for (const name of Object.keys(columns)) {
    const value = columns[name];
    bytes += BYTES_PER_MEMBER;
    characters += name.length + (typeof value === 'string' ? value.length : 0);
  }
  for (const { name, dataType, source, value } of customData) {
    bytes += BYTES_PER_ENTRY;
    characters += name.length + (dataType?.length ?? 0) + (source?.length ?? 0);
    if (typeof value === 'string') characters += value.length;
  }
  return bytes + BYTES_PER_CHARACTER * characters;
}

function sizeOfAll(transactions: readonly Transaction[]): number {
  return transactions.reduce((bytes, transaction) => bytes + sizeOf(transaction), 0);
}

function sizeOf(transaction: Transaction): number {
  return BSON.calculateObjectSize(transaction);
}
