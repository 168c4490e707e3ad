import type { Collection } from 'mongodb';
import { describing } from '../errors.js';
import type { InvoiceDocument, InvoiceOutcome } from './invoice-document.js';

export interface InvoiceSummary {
  readonly tracked: number;
  readonly dueNow: number;
  /** Number of invoices by outcome; `none` counts those never asked about. */
  readonly byOutcome: Readonly<Partial<Record<InvoiceOutcome | 'none', number>>>;
  readonly lastSyncAt: Date | null;
}

interface InvoicesOfAccount {
  readonly invoices: Collection<InvoiceDocument>;
  readonly account: string;
}

export async function summarise({
  invoices,
  account,
  now,
}: InvoicesOfAccount & { readonly now: Date }): Promise<InvoiceSummary> {
  return describing(`invoices: summing up the invoices of account ${account}`, async () => {
    const outcomes = await invoices
      .aggregate<{ _id: InvoiceOutcome | null; invoices: number; lastSyncAt: Date | null }>([
        { $match: { account } },
        { $group: { _id: '$outcome', invoices: { $sum: 1 }, lastSyncAt: { $max: '$lastSyncAt' } } },
      ])
      .toArray();
    const lastSyncMs = outcomes.map(({ lastSyncAt }) => lastSyncAt?.getTime() ?? 0);
    return {
      tracked: outcomes.reduce((sum, { invoices: amount }) => sum + amount, 0),
      dueNow: await invoices.countDocuments({ account, nextDueAt: { $lte: now } }),
      byOutcome: Object.fromEntries(outcomes.map(({ _id, invoices: amount }) => [_id ?? 'none', amount])),
      lastSyncAt: lastSyncMs.some((ms) => ms > 0) ? new Date(Math.max(...lastSyncMs)) : null,
    };
  });
}

/** Returns the id of the invoice that the source was asked about last; null if it was never asked. */
export async function lastAskedInvoice({ invoices, account }: InvoicesOfAccount): Promise<string | null> {
  const last = await describing(`invoices: finding the last invoice that was asked about in account ${account}`, () =>
    invoices.findOne(
      { account, lastSyncAt: { $type: 'date' } },
      { sort: { lastSyncAt: -1 }, projection: { invoiceId: 1 } },
    ),
  );
  return last?.invoiceId ?? null;
}

/** Returns since when an invoice of the account has been due; null if none is due. */
export async function dueSince({
  invoices,
  account,
  now,
}: InvoicesOfAccount & { readonly now: Date }): Promise<Date | null> {
  const first = await describing(`invoices: finding the invoice of account ${account} that is longest due`, () =>
    invoices.findOne(
      { account, nextDueAt: { $lte: now } },
      { sort: { nextDueAt: 1 }, projection: { _id: 0, nextDueAt: 1 } },
    ),
  );
  return first?.nextDueAt ?? null;
}
