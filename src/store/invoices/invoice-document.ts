/**
 * What the source last said of an invoice: `known`, with its calls or without any; `unknown`, it has no such invoice;
 * `refused`, it does not take this id.
 */
export type InvoiceOutcome = 'known' | 'unknown' | 'refused';

/** An invoice whose calls are asked for again and again. */
export interface Invoice {
  readonly account: string;
  readonly invoiceId: string;
  readonly trackedAt: Date;
  /** Null before the source was asked for the first time. */
  readonly lastSyncAt: Date | null;
  readonly outcome: InvoiceOutcome | null;
  /** Since when the outcome has been the same. */
  readonly outcomeSince: Date | null;
  /** Of a refusal, in words for a person. */
  readonly reason: string | null;
  /** Calls the source told of when it was last asked. */
  readonly calls: number;
  /** Those of them that are not finished. */
  readonly unfinished: number;
  /** When something new was last found. */
  readonly changedAt: Date | null;
  readonly nextDueAt: Date;
}

/** A document of the collection `invoices`. */
export interface InvoiceDocument extends Invoice {
  /** `<account>:<invoice id>` */
  readonly _id: string;
  /** Names the claim that has the invoice until `nextDueAt`; null where nobody has. */
  readonly lease: string | null;
}

/** What is written of an invoice that was asked about. */
export type InvoiceSync = Pick<
  Invoice,
  'lastSyncAt' | 'outcome' | 'outcomeSince' | 'reason' | 'calls' | 'unfinished' | 'changedAt' | 'nextDueAt'
>;

export function invoiceDocumentId({ account, invoiceId }: { account: string; invoiceId: string }): string {
  return `${account}:${invoiceId}`;
}

/** Tracked, and due at once. */
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
