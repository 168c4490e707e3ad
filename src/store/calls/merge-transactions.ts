import type { Collection } from 'mongodb';
import type { MergedInvocaCall } from '../../domain/invoca/invoca-call.js';
import type { CallTransaction, Transaction } from '../../domain/invoca/transaction.js';
import { firstTranscriptState, type TranscriptPolicy } from '../../domain/transcripts/transcript.js';
import { CALL_TOO_LARGE, mergeWithinCaps, recomputeWithinCaps, type CappedMerge } from './call-caps.js';
import {
  type CallDocument,
  type ErasedCall,
  callDocumentId,
  changedFields,
  mergedFields,
  newCallDocument,
} from './call-document.js';
import {
  ALL_BUT_TRANSCRIPT,
  batchesOf,
  creationOf,
  groupByCall,
  readCalls,
  revisionOf,
  type CallWrite,
  type ExistingCall,
  type RowsByCall,
} from './call-writes.js';
import type { RejectedRow } from '../../domain/rejected-row.js';
import { settleWrites, type WritePlan } from './settle-writes.js';
import { decomposeCustomData } from '../../domain/invoca/custom-data.js';

/** Batches under way at once: while two are written, the next is read and merged. */
const LANES = 3;

export interface MergeRequest {
  readonly account: string;
  readonly transactions: readonly CallTransaction[];
  /**
   * Ids of calls to compute again from all their rows and to write if their document differs; none by default. Any
   * other call is skipped if its rows say nothing new.
   */
  readonly recompute?: readonly string[];
  readonly transcriptPolicy: TranscriptPolicy;
  readonly now: () => Date;
  /** Called each time a batch of calls was read and written. */
  readonly onProgress?: () => void;
}

export interface MergeResult {
  /** Number of documents created. */
  readonly created: number;
  /** Number of documents that existed and were changed. */
  readonly changed: number;
  /** Rows left out because their call would outgrow its document; the same rows again give the same rejects. */
  readonly rejects: readonly RejectedRow[];
}

const ROWS_ALONE = { transactions: 1, revision: 1, erasedAt: 1 } as const;

interface BatchMerge {
  readonly calls: Collection<CallDocument>;
  readonly request: MergeRequest;
  readonly recomputed: ReadonlySet<string>;
  /** Rejects by call id, so that a call merged again lists each of its rows once. */
  readonly rejects: Map<string, readonly RejectedRow[]>;
}

/**
 * Merges rows into the documents of their calls, even if others write the same calls at the same time; rows that would
 * outgrow a document become rejects. Calls that stay the same, and erased ones, are not written.
 * @throws StoreError if a write fails or gives way to other writers too often; some calls may be written by then
 */
export async function mergeTransactions(calls: Collection<CallDocument>, request: MergeRequest): Promise<MergeResult> {
  const { transactions, recompute = [] } = request;
  const merge: BatchMerge = { calls, request, recomputed: new Set(recompute), rejects: new Map() };
  const batches = batchesOf(groupByCall(transactions, recompute));
  let created = 0;
  let changed = 0;
  const mergeInTurn = async (): Promise<void> => {
    for (const batch of batches) {
      const written = await mergeBatch(merge, batch);
      created += written.created;
      changed += written.changed;
    }
  };
  // If one lane fails, the other ends with its batch and is waited for: no write is under way after this returns.
  const lanes = await Promise.allSettled(Array.from({ length: LANES }, mergeInTurn));
  const failed = lanes.find((lane) => lane.status === 'rejected');
  if (failed !== undefined) throw failed.reason;
  return { created, changed, rejects: [...merge.rejects.values()].flat() };
}

async function mergeBatch(merge: BatchMerge, batch: RowsByCall): Promise<{ created: number; changed: number }> {
  const { calls, request } = merge;
  const fields = merge.recomputed.size > 0 ? ALL_BUT_TRANSCRIPT : ROWS_ALONE;
  return settleWrites({
    calls,
    batch,
    plan: async (rows, outgrown) => {
      const ids = [...rows.keys()].map((callId) => callDocumentId({ account: request.account, callId }));
      const existing = await readCalls<ExistingCall>({ calls, ids, fields });
      return { ids, ...planWrites({ merge, rows, existing, outgrown }) };
    },
    onRound: request.onProgress,
  });
}

function planWrites({
  merge: { request, recomputed, rejects },
  rows,
  existing,
  outgrown,
}: {
  merge: BatchMerge;
  rows: RowsByCall;
  existing: ReadonlyMap<string, ExistingCall>;
  outgrown: ReadonlySet<string>;
}): Omit<WritePlan<RowsByCall>, 'ids'> {
  const writes: CallWrite[] = [];
  const planned = new Map<string, readonly Transaction[]>();
  for (const [callId, seen] of rows) {
    const _id = callDocumentId({ account: request.account, callId });
    const before = existing.get(_id);
    rejects.delete(callId);
    if (before !== undefined && 'erasedAt' in before) continue;
    const { merged, rejected } = mergeOf({ before, seen, isRecomputed: recomputed.has(callId) });
    const isOutgrown = merged !== null && outgrown.has(_id);
    rejects.set(
      callId,
      (isOutgrown ? seen : rejected).map((transaction) => toRejectedRow(callId, transaction)),
    );
    if (merged === null || isOutgrown) continue;
    planned.set(callId, seen);
    writes.push(
      before === undefined
        ? creationOf(firstDocument({ request, callId, merged }))
        : revisionOf({ before, fields: mergedFields(merged) }),
    );
  }
  return { writes, again: planned };
}

/** Returns the merge of one call; `merged` is null if there is nothing to write. */
function mergeOf({
  before,
  seen,
  isRecomputed,
}: {
  before: Exclude<ExistingCall, ErasedCall> | undefined;
  seen: readonly Transaction[];
  isRecomputed: boolean;
}): CappedMerge {
  const rows = { stored: before?.transactions ?? [], seen };
  if (!isRecomputed || before === undefined) return mergeWithinCaps(rows);
  const { merged, rejected } = recomputeWithinCaps(rows);
  const isChanged = merged !== null && changedFields(before, mergedFields(merged)).length > 0;
  return { merged: isChanged ? merged : null, rejected };
}

function firstDocument({
  request: { account, transcriptPolicy, now },
  callId,
  merged,
}: {
  request: MergeRequest;
  callId: string;
  merged: MergedInvocaCall;
}): CallDocument {
  const createdAt = now();
  const { startedAt, durationSeconds } = merged;
  const transcript = firstTranscriptState({ startedAt, durationSeconds, createdAt, policy: transcriptPolicy });
  return newCallDocument({ account, callId, merged, transcript, createdAt });
}

function toRejectedRow(callId: string, transaction: Transaction): RejectedRow {
  return {
    callId,
    transactionId: transaction.transactionId,
    reason: CALL_TOO_LARGE,
    raw: rowTextOf(transaction),
  };
}

/**
 * Returns a row as JSON text in the form in which the source sends rows, so that it can be read again like any reject.
 * Leaves out the instant of the request, so that the same row read again gives the same text.
 */
function rowTextOf({ columns, customData }: Transaction): string {
  const { nested, flat } = decomposeCustomData(customData);
  return JSON.stringify({
    ...columns,
    ...Object.fromEntries(flat),
    custom_data: nested.map(({ name, dataType, source, value }) => ({ name, data_type: dataType, source, value })),
  });
}
