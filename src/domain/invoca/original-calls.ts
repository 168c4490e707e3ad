import { startOf } from './call-values.js';
import { kindOf } from './transaction-kind.js';
import type { Transaction } from './transaction.js';

/** Whether the row was written when its call ended, which a correction or an event may be months after. */
export function isOriginalCall({ type, correctsTransactionId, correctedAt }: Transaction): boolean {
  return kindOf(type) === 'call' && correctsTransactionId === null && correctedAt === null;
}

/** When the latest of the calls started that these rows are the first of; null where there is none. */
export function latestOriginalStart(transactions: readonly Transaction[]): Date | null {
  const startsMs = transactions.filter(isOriginalCall).flatMap(({ columns }) => startOf(columns)?.getTime() ?? []);
  return startsMs.length === 0 ? null : new Date(startsMs.reduce((latest, startMs) => Math.max(latest, startMs)));
}
