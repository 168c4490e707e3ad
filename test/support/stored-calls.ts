import { foldTransactions } from '../../src/domain/invoca/fold.js';
import { mergeCall } from '../../src/domain/invoca/merge.js';
import type { MergedInvocaCall } from '../../src/domain/invoca/invoca-call.js';
import type { Transaction } from '../../src/domain/invoca/transaction.js';
import type { InvocaClient } from '../../src/sources/invoca/client.js';
import type { StoredCall } from '../../src/store/calls/call-document.js';
import type { Store } from '../../src/store/store.js';

/** Content of a call, without when and by what its rows were read. */
export type CallMeaning = Omit<MergedInvocaCall, 'transactions'> & { readonly transactions: readonly object[] };

/** Reads an unfiltered feed to its end and merges it without a store. Any drain must store exactly these calls. */
export async function expectedCalls(client: Pick<InvocaClient, 'fetchPage'>): Promise<Map<string, CallMeaning>> {
  const rows = new Map<string, Transaction[]>();
  for (let cursor: string | null = null; ;) {
    const page = await client.fetchPage({ cursor, limit: 4_000, days: null });
    if (page.rowCount === 0) break;
    for (const { callId, transaction } of page.transactions)
      rows.set(callId, [...(rows.get(callId) ?? []), transaction]);
    cursor = page.lastTransactionId;
  }
  return new Map(
    [...rows].map(([callId, seen]) => [
      callId,
      meaningOf(mergeCall(foldTransactions({ stored: [], seen }).transactions)),
    ]),
  );
}

export async function storedMeanings(input: {
  store: Store;
  account: string;
  callIds: Iterable<string>;
}): Promise<Map<string, CallMeaning>> {
  const { store, account } = input;
  const meanings = new Map<string, CallMeaning>();
  for (const id of input.callIds) {
    const call = await store.calls.find({ account, id });
    if (call !== null) meanings.set(id, meaningOf(withoutBookkeeping(call)));
  }
  return meanings;
}

function meaningOf(call: MergedInvocaCall): CallMeaning {
  const transactions = call.transactions.map(({ firstSeenAt: _, sightings: __, ...said }) => said);
  return { ...call, transactions };
}

function withoutBookkeeping(call: StoredCall): MergedInvocaCall {
  const { _id, schemaVersion, account, source, callId, transcript, revision, createdAt, updatedAt, ...merged } = call;
  return merged;
}
