import type { EventKind } from './invoca-call.js';

export type TransactionKind = 'call' | EventKind;

/** Older first: of two rows of one instant the one with the higher rank is the newer. */
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
 * The kind a `transaction_type` names in any spelling. The source's pages spell them differently from its filters
 * ("Post Call Event", `PostCallEvent`; "Reported Conversion", `Sale`), so case, spaces and dashes do not count.
 */
export function kindOf(type: string | null): TransactionKind {
  return KINDS.get((type ?? '').toLowerCase().replaceAll(/[\s_-]/g, '')) ?? 'other';
}
