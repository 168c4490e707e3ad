import type { Collection } from 'mongodb';
import { describing } from '../errors.js';
import type { InvoiceDocument, InvoiceOutcome } from './invoice-document.js';
import { readOn } from '../read-on.js';

/** The character after `:`, which ends the range of an account's ids. */
const AFTER_COLON = ';';

interface InvoicesOfAccount {
  readonly invoices: Collection<InvoiceDocument>;
  readonly account: string;
}

/** Yields invoices by id, all or those of one outcome. Memory holds one batch at a time, however slow the reader. */
export function invoicesById({
  invoices,
  account,
  outcome,
}: InvoicesOfAccount & { outcome?: InvoiceOutcome | undefined }): AsyncGenerator<InvoiceDocument, void, undefined> {
  const ofOutcome = outcome === undefined ? {} : { outcome };
  return readOn<InvoiceDocument>({
    doing: `invoices: listing the invoices of account ${account}`,
    open: (last) => invoices.find({ ...idsAfter(account, last?._id), ...ofOutcome }).sort({ _id: 1 }),
    placeOf: ({ _id }) => _id,
  });
}

/** Yields the document ids of all invoices of the account, `size` at a time. */
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

/** Returns the range of the account's ids after `last`; of all by default, because no id comes before the colon. */
function idsAfter(account: string, last = `${account}:`): { _id: { $gt: string; $lt: string } } {
  return { _id: { $gt: last, $lt: `${account}${AFTER_COLON}` } };
}
