import { CancellationScope, proxyActivities, setCurrentDetails, setHandler, workflowInfo } from '@temporalio/workflow';
import type { StoreActivities } from '../../activities/store-activities.js';
import {
  addInvoices,
  invoicesDetails,
  invoicesResultDetails,
  type InvoiceCounts,
  invoicesProgressQuery,
  type InvoicesProgress,
  type InvoicesResult,
  NO_INVOICES,
  moreInvoicesSignal,
} from './invoices-progress.js';
import { handOver } from '../hand-over.js';
import { storeActivityOptions } from '../policies.js';
import { sleepUntil, untilAnswered } from '../until-answered.js';
import { syncBatch, type SyncBatchResult } from './sync-batch.js';

/** Keeps a run below the 4,096 events at which Temporal suggests a new one: an invoice costs six to twelve. */
const MAX_INVOICES_PER_RUN = 400;

export interface SyncInvoicesInput {
  readonly account: string;
  /** ISO instant: asks about invoices due by then. Left out: those due when the workflow starts. */
  readonly dueBy?: string;
  readonly maxInvoicesPerRun?: number;
  /** Handed from one run to the next when the workflow continues as new. */
  readonly counts?: InvoiceCounts;
}

/**
 * Asks about every invoice of the account that is due by `dueBy`, or by the time of a later signal. When it completes,
 * none of them is left. Invoices that become due later are left to the next run, so that this one ends.
 */
export async function syncInvoices(input: SyncInvoicesInput): Promise<InvoicesResult> {
  const { account, maxInvoicesPerRun = MAX_INVOICES_PER_RUN } = input;
  const { claimInvoices, releaseInvoices } = proxyActivities<StoreActivities>(storeActivityOptions);
  const due = { by: input.dueBy ?? workflowInfo().startTime.toISOString(), hasMore: false };
  let progress: InvoicesProgress = { account, ...(input.counts ?? NO_INVOICES), inFlight: 0, waiting: null };
  const report = (changes: Partial<InvoicesProgress>): void => {
    progress = { ...progress, ...changes };
    setCurrentDetails(invoicesDetails(progress));
  };
  setHandler(invoicesProgressQuery, () => progress);
  setHandler(moreInvoicesSignal, (until) => {
    if (until > due.by) due.by = until;
    due.hasMore = true;
  });
  /** Returns true if a signal has arrived since the last call. */
  const takeNews = (): boolean => {
    const { hasMore } = due;
    due.hasMore = false;
    return hasMore;
  };

  let invoices = 0;
  let precedingWaits = 0;
  while (invoices < maxInvoicesPerRun) {
    const claim = await untilAnswered({
      call: async () => {
        takeNews();
        const dueBy = due.by;
        return { dueBy, ...(await claimInvoices({ account, dueBy })) };
      },
      show: (waiting) => report({ waiting }),
    });
    if (claim === null) break;
    const { invoiceIds, lease, dueBy } = claim;
    if (invoiceIds.length === 0) {
      if (takeNews()) continue;
      return finish(progress);
    }
    invoices += invoiceIds.length;
    const batch: SyncBatchResult = await syncBatch({
      account,
      invoiceIds,
      lease,
      precedingWaits,
      report: ({ inFlight, added }) => report({ inFlight, ...addInvoices(progress, added) }),
    });
    const { wait, failure } = batch;
    if (wait !== null || failure !== null) {
      await CancellationScope.nonCancellable(() => releaseInvoices({ account, invoiceIds, lease, dueBy }));
    }
    if (failure !== null) throw failure;
    precedingWaits = wait === null ? 0 : batch.asked > 0 ? 1 : precedingWaits + 1;
    if (wait !== null) {
      report({ waiting: wait });
      await sleepUntil(wait);
    }
  }
  return handOver<typeof syncInvoices>({ ...input, dueBy: due.by, counts: addInvoices(NO_INVOICES, progress) });
}

function finish(progress: InvoicesProgress): InvoicesResult {
  const result: InvoicesResult = { account: progress.account, ...addInvoices(NO_INVOICES, progress) };
  setCurrentDetails(invoicesResultDetails(result));
  return result;
}
