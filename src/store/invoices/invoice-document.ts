/**
 * The source's last answers about an invoice: `known`, with calls or without; `incomplete`, three times in a row with
 * another number of calls than it stated; `unknown`, it has no such invoice; `refused`, it does not accept this id.
 */
export const INVOICE_OUTCOMES = ['known', 'incomplete', 'unknown', 'refused'] as const;
export type InvoiceOutcome = (typeof INVOICE_OUTCOMES)[number];

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
  /** Reason of a refusal, or the difference between the calls stated and sent, in words for an operator. */
  readonly reason: string | null;
  /** Number of calls in the source's last answer. */
  readonly calls: number;
  /** Number of these calls that are not finished. */
  readonly unfinished: number;
  /** Number of answers in a row with another number of calls than they stated. */
  readonly mismatches: number;
  /** Time at which something new was last found. */
  readonly changedAt: Date | null;
  readonly nextDueAt: Date;
}

/** A document of the collection `invoices`. */
export interface InvoiceDocument extends Omit<Invoice, 'mismatches'> {
  /** `<account>:<invoice id>` */
  readonly _id: string;
  /** Names the claim that has the invoice until `nextDueAt`; null if no claim has it. */
  readonly lease: string | null;
  /** Left out of documents of earlier versions. */
  readonly mismatches?: number;
  /** The claim that wrote `mismatches` last, and their number before it: a claim that asks twice counts once. */
  readonly mismatchesBefore?: { readonly lease: string; readonly mismatches: number };
}

/** Fields that are written after the source was asked about an invoice. */
export type InvoiceSync = Pick<
  Invoice,
  | 'lastSyncAt'
  | 'outcome'
  | 'outcomeSince'
  | 'reason'
  | 'calls'
  | 'unfinished'
  | 'mismatches'
  | 'changedAt'
  | 'nextDueAt'
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
    mismatches: 0,
    changedAt: null,
    nextDueAt: now,
    lease: null,
  };
}

export function toInvoice({ _id, lease, mismatchesBefore, mismatches = 0, ...invoice }: InvoiceDocument): Invoice {
  return { ...invoice, mismatches };
}

/** Returns an invoice with the number of mismatches that it had before this claim. */
export function toLeasedInvoice(document: InvoiceDocument, lease: string): Invoice {
  const invoice = toInvoice(document);
  const { mismatchesBefore: before } = document;
  return before?.lease === lease ? { ...invoice, mismatches: before.mismatches } : invoice;
}
