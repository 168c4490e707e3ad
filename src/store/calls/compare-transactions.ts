import type { Collection } from 'mongodb';
import type { CallTransaction } from '../../domain/invoca/transaction.js';
import { recomputeWithinCaps } from './call-caps.js';
import { type CallDocument, callDocumentId, changedFields, mergedFields } from './call-document.js';
import {
  ALL_BUT_TRANSCRIPT,
  type ExistingCall,
  readCalls,
  batchesOf,
  groupByCall,
  type RowsByCall,
} from './call-writes.js';

/** `missing`: not stored. `stale`: stored, but not what its rows and those just read make together. */
export interface CallDifference {
  readonly callId: string;
  readonly kind: 'missing' | 'stale';
  /** Fields of the document that would change; none where it is missing. */
  readonly changed: readonly string[];
}

export interface CompareRequest {
  readonly account: string;
  readonly transactions: readonly CallTransaction[];
}

/**
 * The calls among these that merging the rows would create or change, and those whose document is not what its own
 * rows make. Writes nothing; erased calls are left out, and rows that are over a cap.
 */
export async function compareTransactions(
  calls: Collection<CallDocument>,
  { account, transactions }: CompareRequest,
): Promise<CallDifference[]> {
  const differences: CallDifference[] = [];
  for (const batch of batchesOf(groupByCall(transactions))) {
    const ids = [...batch.keys()].map((callId) => callDocumentId({ account, callId }));
    const existing = await readCalls<ExistingCall>({ calls, ids, fields: ALL_BUT_TRANSCRIPT });
    differences.push(...differencesIn({ account, batch, existing }));
  }
  return differences;
}

function differencesIn({
  account,
  batch,
  existing,
}: {
  account: string;
  batch: RowsByCall;
  existing: ReadonlyMap<string, ExistingCall>;
}): CallDifference[] {
  const differences: CallDifference[] = [];
  for (const [callId, seen] of batch) {
    const stored = existing.get(callDocumentId({ account, callId }));
    if (stored !== undefined && 'erasedAt' in stored) continue;
    const { merged } = recomputeWithinCaps({ stored: stored?.transactions ?? [], seen });
    if (merged === null) continue;
    const changed = stored === undefined ? [] : changedFields(stored, mergedFields(merged));
    if (stored === undefined) differences.push({ callId, kind: 'missing', changed });
    else if (changed.length > 0) differences.push({ callId, kind: 'stale', changed });
  }
  return differences;
}
