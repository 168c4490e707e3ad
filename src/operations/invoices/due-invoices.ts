import { UsageError } from '../../settings/errors.js';
import type { Store } from '../../store/store.js';

/** An invoice id as somebody gave it, and the words for where it stands. */
export interface GivenInvoiceId {
  readonly id: string;
  readonly where: string;
}

/** How many invoices are due now. */
interface DueInvoices {
  readonly due: number;
  /** How many of them were not tracked before; null if none was named and all that are tracked are due. */
  readonly added: number | null;
}

/** Invoices that were asked about in vain. */
interface IncompleteInvoices {
  readonly outcome: 'unknown' | 'refused';
  /** The first of them. */
  readonly ids: readonly string[];
  readonly hasMore: boolean;
}

/** As the ids of calls: what the API takes has no documented form. */
const ID = /^[^\p{Cc}\s]{1,200}$/u;
const MOST_IDS_TOLD = 10;

/**
 * Tracks the given invoices and makes them due; makes all tracked ones due if none are given (null). However many
 * there are, few are in memory at once.
 * @throws UsageError for a text that cannot be an id; the ids before it are tracked
 */
export async function makeDue(input: {
  store: Pick<Store, 'invoices'>;
  account: string;
  given: AsyncIterable<GivenInvoiceId> | null;
}): Promise<DueInvoices> {
  const { store, account, given } = input;
  if (given === null) return { due: await store.invoices.makeAllDue(account), added: null };
  const { ids, added } = await store.invoices.track({ account, invoiceIds: checked(given), now: () => new Date() });
  return { due: ids, added };
}

async function* checked(given: AsyncIterable<GivenInvoiceId>): AsyncGenerator<string, void> {
  for await (const { id, where } of given) {
    if (!ID.test(id)) throw new UsageError(`${where} must be 1 to 200 characters without spaces or control characters`);
    yield id;
  }
}

/** Finds the account's invoices that the source does not know or whose id it does not take, by outcome. */
export async function incompleteInvoices(
  store: Pick<Store, 'invoices'>,
  account: string,
): Promise<IncompleteInvoices[]> {
  const found: IncompleteInvoices[] = [];
  for (const outcome of ['unknown', 'refused'] as const) {
    const ids: string[] = [];
    for await (const { invoiceId } of store.invoices.list({ account, outcome })) {
      if (ids.push(invoiceId) > MOST_IDS_TOLD) break;
    }
    const hasMore = ids.length > MOST_IDS_TOLD;
    if (ids.length > 0) found.push({ outcome, ids: ids.slice(0, MOST_IDS_TOLD), hasMore });
  }
  return found;
}
