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
  // Derived fields are at most three times as large as their rows, so those of small rows need no measuring.
  return sizeOfAll(transactions) * 3 <= DERIVED_CAP_BYTES || BSON.calculateObjectSize(derived) <= DERIVED_CAP_BYTES;
}

function sizeOfAll(transactions: readonly Transaction[]): number {
  return transactions.reduce((bytes, transaction) => bytes + sizeOf(transaction), 0);
}

function sizeOf(transaction: Transaction): number {
  return BSON.calculateObjectSize(transaction);
}
