import { randomUUID } from 'node:crypto';
import type { Collection, Db, Document } from 'mongodb';
import { DueDocuments } from '../due-documents.js';
import { describing, indexesOfDuplicates } from '../errors.js';
import { inOneAnswer } from '../one-answer.js';
import { invoiceIdBatches, invoicesById } from './invoices-by-id.js';
import { dueSince, lastAskedInvoice, summarise, type InvoiceSummary } from './invoice-summary.js';
import {
  type Invoice,
  type InvoiceDocument,
  invoiceDocumentId,
  type InvoiceOutcome,
  type InvoiceSync,
  toInvoice,
  toLeasedInvoice,
  trackedInvoice,
} from './invoice-document.js';

/** Number of invoices changed in one round trip. */
const BATCH_INVOICES = 1_000;

/** Rounds of one claim. Claims made at once find the same invoices; one that loses some to another looks for more. */
const MAX_ROUNDS = 5;

interface LeasedInvoice {
  readonly account: string;
  readonly invoiceId: string;
  /** Names the claim. */
  readonly lease: string;
}

export interface InvoiceClaim {
  readonly invoiceIds: readonly string[];
  /** Names the claim. */
  readonly lease: string;
}

/** The collection `invoices`. */
export class InvoiceStore {
  readonly #invoices: Collection<InvoiceDocument>;
  readonly #due: DueDocuments<InvoiceDocument>;

  constructor(db: Db) {
    this.#invoices = db.collection('invoices');
    this.#due = new DueDocuments({ collection: this.#invoices, dueField: 'nextDueAt' });
  }

  /** Tracks the invoices and makes them due, a batch at a time. Returns the number of ids, and of new ones. */
  async track({
    account,
    invoiceIds,
    now,
  }: {
    account: string;
    invoiceIds: AsyncIterable<string> | Iterable<string>;
    now: () => Date;
  }): Promise<{ ids: number; added: number }> {
    let batch = new Set<string>();
    let ids = 0;
    let added = 0;
    const flush = async (): Promise<void> => {
      ids += batch.size;
      added += await this.#trackBatch({ account, invoiceIds: [...batch], now: now() });
      batch = new Set();
    };
    for await (const invoiceId of invoiceIds) {
      batch.add(invoiceId);
      if (batch.size === BATCH_INVOICES) await flush();
    }
    if (batch.size > 0) await flush();
    return { ids, added };
  }

  /** Makes every tracked invoice of the account due, the one not asked about for longest first. Counts them. */
  async makeAllDue(account: string): Promise<number> {
    // Each at its own instant, so that a claim finds a few of them without reading all.
    const sinceLastSync = { $ifNull: ['$lastSyncAt', '$trackedAt'] };
    const update = [{ $set: { nextDueAt: { $min: ['$nextDueAt', sinceLastSync] } } }];
    let due = 0;
    for await (const ids of invoiceIdBatches({ invoices: this.#invoices, account, size: BATCH_INVOICES })) {
      const { matchedCount } = await describing(`invoices: making ${ids.length} invoices of ${account} due`, () =>
        this.#invoices.updateMany({ _id: { $in: ids } }, update),
      );
      due += matchedCount;
    }
    return due;
  }

  /**
   * Claims up to `limit` invoices that are due by an instant, longest due first. No other claim gets them before
   * `leasedUntil`; then they are due again, unless they were finished or released.
   */
  async claim({
    account,
    dueBy,
    leasedUntil,
    limit,
  }: {
    account: string;
    dueBy: Date;
    leasedUntil: Date;
    limit: number;
  }): Promise<InvoiceClaim> {
    const lease = randomUUID();
    const invoiceIds: string[] = [];
    for (let round = 1; round <= MAX_ROUNDS && invoiceIds.length < limit; round += 1) {
      const ids = await this.#due.find({
        queue: account,
        among: { account },
        now: dueBy,
        limit: limit - invoiceIds.length,
      });
      const leased = await this.#lease({ ids, lease, dueBy, leasedUntil });
      invoiceIds.push(...leased);
      if (leased.length === ids.length) break;
    }
    return { invoiceIds, lease };
  }

  /** Returns the invoice, with its mismatches before the claim; null if the claim does not, or no longer, have it. */
  async readLeased({ lease, ...id }: LeasedInvoice): Promise<Invoice | null> {
    const _id = invoiceDocumentId(id);
    const document = await describing(`invoices: reading ${_id}`, () => this.#invoices.findOne({ _id }));
    return document?.lease === lease ? toLeasedInvoice(document, lease) : null;
  }

  /**
   * Writes the source's answer and hands the invoice back; with `keeps`, the claim keeps it. `mismatchesBefore` is the
   * number that was read with the lease. Returns false and writes nothing if another claim has it by now.
   */
  async finish({
    sync,
    mismatchesBefore = 0,
    keeps = false,
    ...leased
  }: LeasedInvoice & { sync: InvoiceSync; mismatchesBefore?: number; keeps?: boolean }): Promise<boolean> {
    const before = { lease: leased.lease, mismatches: mismatchesBefore };
    return this.#change(leased, { ...sync, mismatchesBefore: before, ...(keeps ? {} : { lease: null }) });
  }

  /** Hands back an invoice that the claim kept. Returns false and writes nothing if another claim has it by now. */
  async settle({ nextDueAt, ...leased }: LeasedInvoice & { nextDueAt: Date }): Promise<boolean> {
    return this.#change(leased, { nextDueAt, lease: null });
  }

  /** Hands back those of the invoices that the claim still has, due at `dueAt`. Returns their number. */
  async release({
    account,
    invoiceIds,
    lease,
    dueAt,
  }: {
    account: string;
    invoiceIds: readonly string[];
    lease: string;
    dueAt: Date;
  }): Promise<number> {
    const ids = invoiceIds.map((invoiceId) => invoiceDocumentId({ account, invoiceId }));
    const update = changingWhere({ $eq: ['$lease', lease] }, { nextDueAt: dueAt, lease: null });
    const { modifiedCount } = await describing(`invoices: handing back ${ids.length} invoices of ${account}`, () =>
      this.#invoices.updateMany({ _id: { $in: ids } }, update),
    );
    return modifiedCount;
  }

  /** Yields invoices by id, all or those of one outcome. Memory holds one batch at a time, however slow the reader. */
  async *list({ account, outcome }: { account: string; outcome?: InvoiceOutcome }): AsyncGenerator<Invoice, void> {
    for await (const invoice of invoicesById({ invoices: this.#invoices, account, outcome })) yield toInvoice(invoice);
  }

  /** Returns the id of the invoice that the source was asked about last; null if it was never asked. */
  async lastAsked(account: string): Promise<string | null> {
    return lastAskedInvoice({ invoices: this.#invoices, account });
  }

  /** Sums up the invoices of an account. */
  async summary(account: string, now = new Date()): Promise<InvoiceSummary> {
    const summary = (await this.summaries([account], now)).get(account);
    if (summary === undefined) throw new Error(`The summary of ${account} is missing.`);
    return summary;
  }

  /** Sums up the invoices of each of the accounts. */
  async summaries(accounts: readonly string[], now = new Date()): Promise<ReadonlyMap<string, InvoiceSummary>> {
    return summarise({ invoices: this.#invoices, accounts, now });
  }

  /** Returns since when an invoice has been due that no claim has; null if none is due. */
  async dueSince(account: string, now: Date): Promise<Date | null> {
    return dueSince({ invoices: this.#invoices, account, now });
  }

  /** Tracks invoices and returns the number of new ones. Inserts first, because most ids of a long list are new. */
  async #trackBatch({ account, invoiceIds, now }: { account: string; invoiceIds: readonly string[]; now: Date }) {
    const documents = invoiceIds.map((invoiceId) => trackedInvoice({ account, invoiceId }, now));
    return describing(`invoices: tracking ${documents.length} invoices of account ${account}`, async () => {
      try {
        return (await this.#invoices.insertMany(documents, { ordered: false })).insertedCount;
      } catch (error) {
        const duplicates = indexesOfDuplicates(error);
        if (duplicates === null) throw error;
        const ids = duplicates.flatMap((index) => documents[index]?._id ?? []);
        await this.#invoices.updateMany({ _id: { $in: ids } }, [
          { $set: { nextDueAt: { $min: ['$nextDueAt', now] } } },
        ]);
        return documents.length - ids.length;
      }
    });
  }

  /** Leases those of the invoices that are still due. Two claims that found the same ones share them. */
  async #lease({
    ids,
    lease,
    dueBy,
    leasedUntil,
  }: {
    ids: readonly string[];
    lease: string;
    dueBy: Date;
    leasedUntil: Date;
  }): Promise<string[]> {
    if (ids.length === 0) return [];
    const found = await describing(`invoices: claiming ${ids.length} invoices from ${ids[0]} on`, async () => {
      const update = changingWhere({ $lte: ['$nextDueAt', dueBy] }, { nextDueAt: leasedUntil, lease });
      await this.#invoices.updateMany({ _id: { $in: ids } }, update);
      return this.#invoices
        .find({ _id: { $in: ids } }, inOneAnswer(ids.length))
        .project<Pick<InvoiceDocument, 'invoiceId' | 'lease'>>({ _id: 0, invoiceId: 1, lease: 1 })
        .toArray();
    });
    return found.filter((invoice) => invoice.lease === lease).map(({ invoiceId }) => invoiceId);
  }

  async #change({ lease, ...id }: LeasedInvoice, changes: Partial<InvoiceDocument>): Promise<boolean> {
    const _id = invoiceDocumentId(id);
    const { modifiedCount } = await describing(`invoices: writing ${_id}`, () =>
      this.#invoices.updateOne({ _id }, changingWhere({ $eq: ['$lease', lease] }, changes)),
    );
    return modifiedCount === 1;
  }
}

/** Returns a guarded update. Its filter names only ids, because beside another condition the stand-in reads all. */
function changingWhere(guard: Document, changes: Partial<InvoiceDocument>): Document[] {
  // Without $literal a text that begins with a dollar would be read as the name of a field.
  return [{ $replaceWith: { $cond: [guard, { $mergeObjects: ['$$ROOT', { $literal: changes }] }, '$$ROOT'] } }];
}
