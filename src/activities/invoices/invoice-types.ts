import type { AskInput } from '../requests/ask-source.js';
import type { WaitResult } from '../requests/account-hold.js';

export interface ClaimInvoicesInput {
  readonly account: string;
  /** Those due by then, an ISO instant. */
  readonly dueBy: string;
}

/** Nothing is due where no invoice is claimed. `wait`: the account is on hold. */
export type ClaimInvoicesResult =
  { readonly outcome: 'claimed'; readonly invoiceIds: readonly string[]; readonly lease: string } | WaitResult;

export interface ReleaseInvoicesInput {
  readonly account: string;
  readonly invoiceIds: readonly string[];
  readonly lease: string;
  readonly dueBy: string;
}

export interface SyncInvoiceInput extends AskInput {
  readonly invoiceId: string;
  /** Names the claim: whoever finds another in the document leaves the invoice alone. */
  readonly lease: string;
}

export interface SyncedCalls {
  readonly outcome: 'synced';
  /** Documents created or changed. */
  readonly calls: number;
  readonly rejects: number;
}

/**
 * What became of one invoice. Its calls are written, and of those in `details` more is to be asked, after which it is
 * due at `nextDueAt` (`synced`); the source does not know it, or does not take its id; it is not this claim's
 * (`skipped`); or the source is to be left alone (`wait`).
 */
export type SyncInvoiceResult =
  | (SyncedCalls & { readonly details: readonly string[]; readonly nextDueAt: string })
  | { readonly outcome: 'unknown' | 'refused' | 'skipped' }
  | WaitResult;

export interface SyncCallInput extends SyncInvoiceInput {
  readonly callId: string;
  /** Of the last call of its invoice: hands the invoice back, to be due then. */
  readonly settleAt: string | null;
}

export type SyncCallResult = SyncedCalls | WaitResult;
