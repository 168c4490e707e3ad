import type { Collection } from 'mongodb';
import { describing } from '../errors.js';
import type { InvoiceDocument, InvoiceOutcome } from './invoice-document.js';
import { readOn } from '../read-on.js';

/** `:` is followed by `;`, so that this is the end of an account's ids. */
const AFTER_COLON = ';';

interface InvoicesOfAccount {
  readonly invoices: Collection<InvoiceDocument>;
  readonly account: string;
}

/** Those of one outcome where it is given. One batch at a time is in memory, however slowly they are taken. */
export function invoicesById({
  invoices,
  account,
  outcome,
}: InvoicesOfAccount & { outcome?: InvoiceOutcome | undefined }): AsyncGenerator<InvoiceDocument, void, undefined> {
  const ofOutcome = outcome === undefined ? {} : { outcome };
  return readOn<InvoiceDocument>({
    doing: `invoices: listing those of account ${account}`,
    open: (last) => invoices.find({ ...idsAfter(account, last?._id), ...ofOutcome }).sort({ _id: 1 }),
    placeOf: ({ _id }) => _id,
  });
}

/** The document ids of all invoices of the account, so many at a time. */
export async function* invoiceIdBatches({
  invoices,
  account,
  size,
}: InvoicesOfAccount & { size: number }): AsyncGenerator<readonly string[], void, undefined> {
  for (let last: string | undefined; ;) {
    const range = idsAfter(account, last);
    const found = await describing(`invoices: listing the ids of account ${account}`, () =>
      invoices.find(range, { sort: { _id: 1 }, limit: size, projection: { _id: 1 } }).toArray(),
    );
    const ids = found.map(({ _id }) => _id);
    if (ids.length === 0) return;
    yield ids;
    last = ids.at(-1);
  }
}

/** All ids of the account, or those behind one; the colon that ends the account's name comes before any id. */
function idsAfter(account: string, last = `${account}:`): { _id: { $gt: string; $lt: string } } {
  return { _id: { $gt: last, $lt: `${account}${AFTER_COLON}` } };
}
