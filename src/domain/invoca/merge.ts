import type { Provenance } from '../call.js';
import type { MergedInvocaCall } from './invoca-call.js';
import {
  callerOf,
  destinationOf,
  durationAnywhere,
  newestStated,
  recordingOf,
  resultOf,
  startOf,
  statedAnywhere,
} from './call-values.js';
import type { Rows, Sourced } from './call-values.js';
import { chainsOf } from './chains.js';
import type { Chain } from './chains.js';
import { eventsOf, legsOf } from './legs-and-events.js';
import { mergeCustomData } from './merge-custom-data.js';
import { compareText, inOrder } from '../order.js';
import { phoneKeyOf } from '../phone-keys.js';
import { primaryChainOf } from './primary-chain.js';
import { compareRecency, rowOf } from './recency.js';
import type { Row } from './recency.js';
import { countUnreadableAmounts, revenueOf } from './revenue.js';
import type { Revenue } from './revenue.js';
import { mergeSignals } from './signals.js';
import type { Transaction } from './transaction.js';

/**
 * The call that its transactions make up together; takes what foldTransactions gives, one transaction for each id, in
 * any order. A pure function of what the rows say: when they were seen changes nothing but the sightings kept in
 * `transactions`.
 */
export function mergeCall(transactions: readonly Transaction[]): MergedInvocaCall {
  const oldestFirst = transactions.map(rowOf).sort(compareRecency);
  const chains = chainsOf(oldestFirst);
  const primary = primaryChainOf(chains);
  const values = valuesOf(primary, oldestFirst);
  const events = eventsOf(chains);
  const revenue = revenueOf(primary, events);
  return {
    startedAt: values.startedAt?.value ?? null,
    durationSeconds: values.durationSeconds?.value ?? null,
    connectSeconds: values.connectSeconds?.value ?? null,
    ivrSeconds: values.ivrSeconds?.value ?? null,
    from: values.from?.value ?? null,
    to: values.to?.value ?? null,
    fromKey: phoneKeyOf(values.from?.value ?? null),
    result: values.result?.value ?? null,
    revenue: revenue?.amount ?? null,
    signals: mergeSignals(chains),
    customData: mergeCustomData(chains),
    legs: legsOf(chains),
    events,
    columns: primary?.newest.transaction.columns ?? {},
    transactions: inOrder(transactions, (a, b) => compareText(a.transactionId, b.transactionId)),
    provenance: provenanceOf({ values, revenue, unreadableAmounts: countUnreadableAmounts(primary, chains) }),
    recordingUrl: values.recordingUrl?.value ?? null,
  };
}

type Values = {
  readonly [Name in Exclude<keyof Provenance, 'revenue' | 'unreadableAmounts'>]-?: Sourced<
    NonNullable<MergedInvocaCall[Name]>
  > | null;
};

const VALUE_NAMES = [
  'startedAt',
  'durationSeconds',
  'connectSeconds',
  'ivrSeconds',
  'from',
  'to',
  'result',
  'recordingUrl',
] as const satisfies readonly (keyof Values)[];

/** Start, parties and durations fall back to older rows and other chains; all else is the newest row's alone. */
function valuesOf(primary: Chain | null, call: readonly Row[]): Values {
  const rows: Rows = { chain: primary?.rows ?? [], call };
  const speaking = primary === null ? [] : [primary.newest];
  return {
    startedAt: statedAnywhere(rows, startOf),
    durationSeconds: durationAnywhere(rows, 'duration'),
    connectSeconds: durationAnywhere(rows, 'connect_duration'),
    ivrSeconds: durationAnywhere(rows, 'ivr_duration'),
    from: statedAnywhere(rows, callerOf),
    to: statedAnywhere(rows, destinationOf),
    result: newestStated(speaking, resultOf),
    recordingUrl: newestStated(speaking, recordingOf),
  };
}

function provenanceOf({
  values,
  revenue,
  unreadableAmounts,
}: {
  values: Values;
  revenue: Revenue | null;
  unreadableAmounts: number;
}): Provenance {
  const provenance: { -readonly [Name in keyof Provenance]: Provenance[Name] } = {};
  for (const name of VALUE_NAMES) {
    const value = values[name];
    if (value !== null) provenance[name] = value.transactionId;
  }
  if (revenue !== null) provenance.revenue = revenue.transactionIds;
  if (unreadableAmounts > 0) provenance.unreadableAmounts = unreadableAmounts;
  return provenance;
}
