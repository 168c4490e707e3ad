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

/**
 * A difference: `missing`, the call is not stored; `stale`, it is not what its stored rows and those just read make.
 */
export interface CallDifference {
  readonly callId: string;
  readonly kind: 'missing' | 'stale';
  /** Fields of the document that would change; empty for a missing call. */
  readonly changed: readonly string[];
}

export interface CompareRequest {
  readonly account: string;
  readonly transactions: readonly CallTransaction[];
}

/**
 * Returns the calls that merging these rows would create or change, and those whose document is not what its own rows
 * make. Writes nothing; ignores erased calls and rows over a cap. Throws a StoreError if reading fails.
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
