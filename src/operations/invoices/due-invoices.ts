import { UsageError } from '../../settings/errors.js';
import type { Store } from '../../store/store.js';

/** An invoice id that a user gave, and a text that names its place, for errors. */
export interface GivenInvoiceId {
  readonly id: string;
  readonly where: string;
}

/** Numbers of invoices that are due now. */
interface DueInvoices {
  readonly due: number;
  /** Number of them that were not tracked before; null if no id was given and all tracked ones are due. */
  readonly added: number | null;
}

/** Outcomes that need a person. */
const TROUBLED = ['unknown', 'refused', 'incomplete'] as const;

/** Invoices about which the source gave no answer, or a number of calls that is not what it sends. */
interface TroubledInvoices {
  readonly outcome: (typeof TROUBLED)[number];
  /** The first of them. */
  readonly ids: readonly string[];
  readonly hasMore: boolean;
}

/** Form of an invoice id. The API's documentation gives none. */
const ID = /^[^\p{Cc}\s]{1,200}$/u;
const MOST_IDS_TOLD = 10;

/**
 * Tracks the given invoices and makes them due; makes all tracked ones due if `given` is null. Only a few ids are in
 * memory at once.
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

/** Numbers of invoices with these outcomes that a run has counted. */
type CountedOutcomes = Readonly<Record<(typeof TROUBLED)[number], number>>;

/**
 * Finds, by outcome, as many of the account's invoices that need a person as a run has counted: those asked about last,
 * which the run has asked about itself. Others may be in the same state since an earlier run.
 */
export async function troubledInvoices(input: {
  store: Pick<Store, 'invoices'>;
  account: string;
  counted: CountedOutcomes;
}): Promise<TroubledInvoices[]> {
  const { store, account, counted } = input;
  const found: TroubledInvoices[] = [];
  for (const outcome of TROUBLED.filter((each) => counted[each] > 0)) {
    const all: Asked[] = [];
    for await (const { invoiceId, lastSyncAt } of store.invoices.list({ account, outcome })) {
      all.push({ invoiceId, askedMs: lastSyncAt?.getTime() ?? 0 });
    }
    all.sort((a, b) => b.askedMs - a.askedMs);
    const ids = all.slice(0, counted[outcome]).map(({ invoiceId }) => invoiceId);
    ids.sort();
    if (ids.length > 0) found.push({ outcome, ids: ids.slice(0, MOST_IDS_TOLD), hasMore: ids.length > MOST_IDS_TOLD });
  }
  return found;
}

interface Asked {
  readonly invoiceId: string;
  readonly askedMs: number;
}
