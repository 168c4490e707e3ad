import { condition, proxyActivities } from '@temporalio/workflow';
import type { ApiActivities } from '../../activities/api-activities.js';
import { addInvoices, type InvoiceCounts, NO_INVOICES } from './invoices-progress.js';
import { pageActivityOptions, PRIORITY } from '../policies.js';
import { createPool } from '../pool.js';
import type { Wait } from '../progress.js';

/** Number of requests that run at once. The queue limits their rate. */
const INVOICES_AT_ONCE = 20;

export interface SyncBatchInput {
  readonly account: string;
  readonly invoiceIds: readonly string[];
  readonly lease: string;
  readonly precedingWaits: number;
  /** Called whenever there is something new to show. */
  readonly report: (change: { inFlight: number; added: Partial<InvoiceCounts> }) => void;
}

/** Reason why a batch ended before all its invoices were asked about: a wait or a failure; both null if all were. */
export interface SyncBatchResult {
  readonly wait: Wait | null;
  readonly failure: Error | null;
  /** Number of invoices asked about. */
  readonly asked: number;
}

/**
 * Asks about the invoices of one claim, up to 20 at once. Begins no further invoice after a wait or a failed activity.
 * No activity is running when this returns.
 */
export async function syncBatch(input: SyncBatchInput): Promise<SyncBatchResult> {
  let wait: Wait | null = null;
  let failure: Error | null = null;
  let inFlight = 0;
  let asked = 0;
  const pool = createPool<{ invoiceId: string }>({
    urgency: () => 0,
    use: async ({ invoiceId }) => {
      if (wait !== null || failure !== null) return;
      input.report({ inFlight: (inFlight += 1), added: {} });
      let added: Partial<InvoiceCounts> = {};
      try {
        const synced = await syncOne(input, invoiceId);
        wait = synced.wait ?? wait;
        added = synced.counts;
        asked += added.invoices ?? 0;
      } catch (error) {
        failure ??= error instanceof Error ? error : new Error(String(error));
      }
      input.report({ inFlight: (inFlight -= 1), added });
    },
  });
  pool.add({ items: input.invoiceIds.map((invoiceId) => ({ invoiceId })), size: INVOICES_AT_ONCE });
  await condition(() => pool.isIdle());
  return { wait, failure, asked };
}

/** Asks for the calls of an invoice, then for the details of each completed call that the list leaves out. */
async function syncOne(
  { account, lease, precedingWaits }: SyncBatchInput,
  invoiceId: string,
): Promise<{ counts: InvoiceCounts; wait: Wait | null }> {
  const { syncInvoice, syncCall } = proxyActivities<ApiActivities>(
    pageActivityOptions({ account, priorityKey: PRIORITY.livePage }),
  );
  const invoice = { account, invoiceId, lease, precedingWaits };
  const result = await syncInvoice.executeWithOptions({ summary: `invoice ${invoiceId}` }, [invoice]);
  if (result.outcome === 'wait') return { counts: NO_INVOICES, wait: result };
  if (result.outcome === 'skipped') return { counts: NO_INVOICES, wait: null };
  if (result.outcome !== 'synced') {
    return { counts: addInvoices(NO_INVOICES, { invoices: 1, [result.outcome]: 1 }), wait: null };
  }
  const { details, nextDueAt, calls, rejects, isIncomplete } = result;
  let counts = addInvoices(NO_INVOICES, { invoices: 1, calls, rejects, incomplete: isIncomplete ? 1 : 0 });
  for (const [index, callId] of details.entries()) {
    const settleAt = index === details.length - 1 ? nextDueAt : null;
    const call = await syncCall.executeWithOptions({ summary: `call ${callId}` }, [{ ...invoice, callId, settleAt }]);
    if (call.outcome === 'wait') return { counts, wait: call };
    counts = addInvoices(counts, call);
  }
  return { counts, wait: null };
}
