import type { CallFields, Provenance } from '../call.js';
import type { MergedInvocaCall } from './invoca-call.js';
import { FIELD_READERS, type Rows } from './call-values.js';
import { chainsOf } from './chains.js';
import { eventsOf, legsOf, primaryChainOf } from './legs-and-events.js';
import { mergeCustomData } from './merge-custom-data.js';
import { compareText, inOrder } from '../order.js';
import { phoneKeyOf } from '../phone-keys.js';
import { compareRecency, rowOf } from './recency.js';
import { countUnreadableAmounts, revenueOf } from './revenue.js';
import { mergeSignals } from './signals.js';
import type { Transaction } from './transaction.js';

/**
 * Merges the transactions of a call, one for each id as foldTransactions returns them, in any order. A pure function of
 * what the rows say: the time at which they were seen changes nothing but the sightings kept in `transactions`.
 */
export function mergeCall(transactions: readonly Transaction[]): MergedInvocaCall {
  const oldestFirst = transactions.map(rowOf).sort(compareRecency);
  const chains = chainsOf(oldestFirst);
  const primary = primaryChainOf(chains);
  const { fields, provenance } = readFields({ chain: primary?.rows ?? [], call: oldestFirst });
  const events = eventsOf(chains);
  const revenue = revenueOf(primary, events);
  const unreadableAmounts = countUnreadableAmounts(primary, chains);
  // Named one by one, because copying "the rest" of an object takes a tenth of the time of a merge.
  return {
    startedAt: fields.startedAt,
    durationSeconds: fields.durationSeconds,
    connectSeconds: fields.connectSeconds,
    ivrSeconds: fields.ivrSeconds,
    from: fields.from,
    to: fields.to,
    fromKey: phoneKeyOf(fields.from),
    result: fields.result,
    revenue: revenue?.amount ?? null,
    signals: mergeSignals(chains),
    customData: mergeCustomData(chains),
    legs: legsOf(chains),
    events,
    columns: primary?.newest.transaction.columns ?? {},
    transactions: inOrder(transactions, (a, b) => compareText(a.transactionId, b.transactionId)),
    provenance: {
      ...provenance,
      ...(revenue !== null && { revenue: revenue.transactionIds }),
      ...(unreadableAmounts > 0 && { unreadableAmounts }),
    },
    recordingUrl: fields.recordingUrl,
  };
}

type ReadFields = Omit<CallFields, 'revenue'>;

const READ_FIELDS = Object.keys(FIELD_READERS) as readonly (keyof ReadFields)[];

/** Reads the fields that the rows state, and the id of the row that states each. */
function readFields(rows: Rows): { fields: ReadFields; provenance: Provenance } {
  const fields: Record<string, unknown> = {};
  const provenance: Record<string, string> = {};
  for (const name of READ_FIELDS) {
    const stated = FIELD_READERS[name].find(rows);
    fields[name] = stated?.value ?? null;
    if (stated !== null) provenance[name] = stated.transactionId;
  }
  return { fields: fields as unknown as ReadFields, provenance };
}
