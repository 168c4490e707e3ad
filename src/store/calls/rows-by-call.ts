import type { CallTransaction, Transaction } from '../../domain/invoca/transaction.js';

/** Enough for round trips to matter little, few enough for a heartbeat now and then. */
const BATCH_CALLS = 500;

/** Rows by the id of their call. */
export type RowsByCall = ReadonlyMap<string, readonly Transaction[]>;

/** Each of `callIds` is there too, with no rows where there are none. */
export function groupByCall(transactions: readonly CallTransaction[], callIds: readonly string[] = []): RowsByCall {
  const rows = new Map<string, Transaction[]>(callIds.map((callId) => [callId, []]));
  for (const { callId, transaction } of transactions) {
    const ofCall = rows.get(callId);
    if (ofCall === undefined) rows.set(callId, [transaction]);
    else ofCall.push(transaction);
  }
  return rows;
}

/** As many calls at a time as are read and written together. */
export function* batchesOf(rows: RowsByCall): Generator<RowsByCall> {
  const entries = [...rows];
  for (let start = 0; start < entries.length; start += BATCH_CALLS) {
    yield new Map(entries.slice(start, start + BATCH_CALLS));
  }
}
