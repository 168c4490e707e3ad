import type { Collection } from 'mongodb';
import { latest } from '../../domain/earliest.js';
import { grouped } from '../../domain/grouped.js';
import { anyOf } from '../any-of.js';
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

/** Sums up the invoices of the accounts; all of them are in the result. */
export async function summarise({
  invoices,
  accounts,
  now,
}: {
  readonly invoices: Collection<InvoiceDocument>;
  readonly accounts: readonly string[];
  readonly now: Date;
}): Promise<ReadonlyMap<string, InvoiceSummary>> {
  if (accounts.length === 0) return new Map();
  const ofAccounts = { account: anyOf(accounts) };
  return describing(`invoices: summing up the invoices of ${accounts.length} accounts`, async () => {
    const outcomes = await invoices
      .aggregate<OutcomeCount>([
        { $match: ofAccounts },
        {
          $group: {
            _id: { account: '$account', outcome: '$outcome' },
            invoices: { $sum: 1 },
            lastSyncAt: { $max: '$lastSyncAt' },
          },
        },
      ])
      .toArray();
    const due = await invoices
      .aggregate<{ _id: string; invoices: number }>([
        { $match: { ...ofAccounts, nextDueAt: { $lte: now } } },
        { $group: { _id: '$account', invoices: { $sum: 1 } } },
      ])
      .toArray();
    const dueNow = new Map(due.map(({ _id, invoices: amount }) => [_id, amount]));
    const byAccount = grouped(outcomes, ({ _id }) => _id.account);
    return new Map(
      accounts.map((account) => [account, summaryOf(byAccount.get(account) ?? [], dueNow.get(account) ?? 0)]),
    );
  });
}

/** Number of an account's invoices with one outcome. */
interface OutcomeCount {
  readonly _id: { readonly account: string; readonly outcome?: InvoiceOutcome | null };
  readonly invoices: number;
  readonly lastSyncAt: Date | null;
}

function summaryOf(outcomes: readonly OutcomeCount[], dueNow: number): InvoiceSummary {
  return {
    tracked: outcomes.reduce((sum, { invoices }) => sum + invoices, 0),
    dueNow,
    byOutcome: Object.fromEntries(outcomes.map(({ _id, invoices }) => [_id.outcome ?? 'none', invoices])),
    lastSyncAt: latest(outcomes.map(({ lastSyncAt }) => lastSyncAt)),
  };
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
