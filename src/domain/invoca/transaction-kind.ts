import type { EventKind } from './invoca-call.js';

export type TransactionKind = 'call' | EventKind;

/** Ranks of kinds: of two rows with the same instant, the one with the higher rank is newer. */
export const KIND_RANKS: Readonly<Record<TransactionKind, number>> = {
  call: 0,
  sale: 1,
  signal: 2,
  post_call_event: 3,
  other: 4,
};

const KINDS: ReadonlyMap<string, TransactionKind> = new Map([
  ['call', 'call'],
  ['sale', 'sale'],
  ['reportedconversion', 'sale'],
  ['signal', 'signal'],
  ['postcallevent', 'post_call_event'],
]);

/**
 * Returns the kind of a `transaction_type` in any spelling; `other` for an unknown one. Case, spaces, dashes and
 * underscores do not matter, since Invoca's pages and filters spell types differently ("Post Call Event",
 * `PostCallEvent`).
 */
export function kindOf(type: string | null): TransactionKind {
  return KINDS.get((type ?? '').toLowerCase().replaceAll(/[\s_-]/g, '')) ?? 'other';
}
