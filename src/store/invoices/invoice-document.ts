/**
 * The source's last answer about an invoice: `known`, with calls or without; `unknown`, it has no such invoice;
 * `refused`, it does not accept this id.
 */
export type InvoiceOutcome = 'known' | 'unknown' | 'refused';

/** An invoice whose calls are asked for repeatedly. */
export interface Invoice {
  readonly account: string;
  readonly invoiceId: string;
  readonly trackedAt: Date;
  /** Time of the last answer about the invoice; null before the first. */
  readonly lastSyncAt: Date | null;
  readonly outcome: InvoiceOutcome | null;
  /** Time since which the outcome has been the same. */
  readonly outcomeSince: Date | null;
  /** Reason of a refusal, in words for an operator. */
  readonly reason: string | null;
  /** Number of calls in the source's last answer. */
  readonly calls: number;
  /** Number of these calls that are not finished. */
  readonly unfinished: number;
  /** Time at which something new was last found. */
  readonly changedAt: Date | null;
  readonly nextDueAt: Date;
}

/** A document of the collection `invoices`. */
export interface InvoiceDocument extends Invoice {
  /** `<account>:<invoice id>` */
  readonly _id: string;
  /** Names the claim that has the invoice until `nextDueAt`; null if no claim has it. */
  readonly lease: string | null;
}

/** Fields that are written after the source was asked about an invoice. */
export type InvoiceSync = Pick<
  Invoice,
  'lastSyncAt' | 'outcome' | 'outcomeSince' | 'reason' | 'calls' | 'unfinished' | 'changedAt' | 'nextDueAt'
>;

export function invoiceDocumentId({ account, invoiceId }: { account: string; invoiceId: string }): string {
  return `${account}:${invoiceId}`;
}

/** Returns a newly tracked invoice, which is due at once. */
export function trackedInvoice(id: { account: string; invoiceId: string }, now: Date): InvoiceDocument {
  return {
    _id: invoiceDocumentId(id),
    ...id,
    trackedAt: now,
    lastSyncAt: null,
    outcome: null,
    outcomeSince: null,
    reason: null,
    calls: 0,
    unfinished: 0,
    changedAt: null,
    nextDueAt: now,
    lease: null,
  };
}

export function toInvoice({ _id, lease, ...invoice }: InvoiceDocument): Invoice {
  return invoice;
}
