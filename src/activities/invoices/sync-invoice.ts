import { isCompletedStatus } from '../../domain/credira/credira-call.js';
import { count } from '../../domain/count.js';
import { checkTotal, isUnfinished, nextInvoicePoll, nextUnknownPoll } from '../../domain/credira/invoice-polls.js';
import type { CrediraListAnswer } from '../../sources/credira/client.js';
import type { Invoice, InvoiceOutcome, InvoiceSync } from '../../store/invoices/invoice-document.js';
import { requireAccount, type ActivityDependencies, type InvoiceAccount } from '../dependencies.js';
import { askSource, type AskInput } from '../requests/ask-source.js';
import { retryWhatBreaksOff } from '../requests/fetch-page.js';
import { isAboutTheId, writeCrediraCalls } from './write-credira-calls.js';
import type { WaitResult } from '../requests/account-hold.js';

export interface SyncInvoiceInput extends AskInput {
  readonly invoiceId: string;
  /** Names the claim. If the document has another lease, the invoice belongs to another claim and is skipped. */
  readonly lease: string;
}

export interface SyncedCalls {
  readonly outcome: 'synced';
  /** Documents created or changed. */
  readonly calls: number;
  readonly rejects: number;
}

/**
 * Result for one invoice. `synced`: its calls are written; those in `details` must be asked for one by one, and then
 * the invoice is due again at `nextDueAt`. It `isIncomplete` if the source keeps stating another number of calls.
 * `unknown`: the source does not know it. `refused`: it does not accept its id. `skipped`: the invoice belongs to
 * another claim. `wait`: the next request must wait.
 */
export type SyncInvoiceResult =
  | (SyncedCalls & { readonly details: readonly string[]; readonly nextDueAt: string; readonly isIncomplete: boolean })
  | { readonly outcome: 'unknown' | 'refused' | 'skipped' }
  | WaitResult;

interface InvoiceStep {
  readonly deps: ActivityDependencies;
  readonly account: InvoiceAccount;
  readonly input: SyncInvoiceInput;
  readonly invoice: Invoice;
}

/**
 * Asks for the calls of one invoice and writes them, then writes when the invoice is due again. Makes one request, and
 * none if the invoice belongs to another claim or the account is on hold. Writing twice after a crash changes nothing.
 */
export async function syncInvoice(deps: ActivityDependencies, input: SyncInvoiceInput): Promise<SyncInvoiceResult> {
  const account = requireAccount(deps.invoices, input.account);
  const invoice = await deps.store.invoices.readLeased(input);
  if (invoice === null) return { outcome: 'skipped' };
  const step: InvoiceStep = { deps, account, input, invoice };
  const { invoiceId } = input;
  return askSource(
    { deps, input, request: (signal) => account.client.listCalls({ invoiceId, signal }) },
    {
      answered: (answer) => storeAnswer(step, answer),
      failed: (error) =>
        isAboutTheId(error) ? finishUnknown({ step, outcome: 'refused', reason: error.message }) : null,
    },
  );
}

async function storeAnswer(step: InvoiceStep, answer: CrediraListAnswer): Promise<SyncInvoiceResult> {
  if (answer.kind === 'unknown-invoice') return finishUnknown({ step, outcome: 'unknown', reason: null });
  const { deps, account, input, invoice } = step;
  const { invoiceId } = input;
  const { calls, rejects, requestedAt, isWhole } = answer;
  if (!isWhole) retryWhatBreaksOff(`the calls of invoice ${invoiceId}`);
  const origin = `invoices/${account.name}/${invoiceId}`;
  const written = await writeCrediraCalls({ deps, account, origin, calls, rejects, seenAt: requestedAt });
  const callIds = calls.map(({ callId }) => callId);
  const standings = await deps.store.crediraCalls.standings({ account: account.name, callIds });

  const now = deps.now();
  const unfinished = standings.filter((call) => isUnfinished(call, now)).length;
  const received = calls.length + rejects.length;
  const total = checkTotal({ before: invoice.mismatches, stated: answer.statedTotal, received, isWhole });
  const outcome = total.isIncomplete ? 'incomplete' : 'known';
  // A list that breaks off each time may have more calls, and so may one that states another number.
  const hasUnfinished = unfinished > 0 || !isWhole || (total.differs && !total.isIncomplete);
  const details = standings
    .filter(({ result, detailsAskedAt }) => isCompletedStatus(result) && detailsAskedAt === null)
    .map(({ callId }) => callId);
  const starts = standings.flatMap(({ startedAt }) => startedAt ?? []);
  const isNews = written.calls > 0 && invoice.lastSyncAt !== null;
  const changedAt = latest([invoice.changedAt, ...starts, ...(isNews ? [now] : [])], now);
  const since = total.isIncomplete ? outcomeSince(invoice, { outcome, now }) : null;
  const quietSince = latest([changedAt ?? invoice.trackedAt, since], now) ?? now;
  const nextPoll = (hasUnfinished: boolean): Date =>
    nextInvoicePoll({ now, hasUnfinished, changedAt: quietSince, pollIntervalMs: account.pollIntervalMs });

  // While details are missing the invoice is due soon: if this worker dies, another one asks for them.
  const nextDueAt = nextPoll(hasUnfinished || details.length > 0);
  const reason = total.differs
    ? `the source states ${count(answer.statedTotal ?? 0, 'call')} and sent ${count(received)}`
    : total.isIncomplete
      ? invoice.reason
      : null;
  const { mismatches, isIncomplete } = total;
  const sync = { calls: calls.length, unfinished, mismatches, reason, changedAt, nextDueAt };
  await finish({ step, outcome, sync, keeps: details.length > 0 });
  return { outcome: 'synced', ...written, details, nextDueAt: nextPoll(hasUnfinished).toISOString(), isIncomplete };
}

async function finishUnknown({
  step,
  outcome,
  reason,
}: {
  step: InvoiceStep;
  outcome: 'unknown' | 'refused';
  reason: string | null;
}): Promise<SyncInvoiceResult> {
  const { invoice, deps } = step;
  const unknownSince = outcomeSince(invoice, { outcome, now: deps.now() });
  const nextDueAt = nextUnknownPoll({ now: deps.now(), unknownSince });
  const sync = { calls: 0, unfinished: 0, mismatches: 0, reason, changedAt: invoice.changedAt, nextDueAt };
  await finish({ step, outcome, sync, keeps: false });
  return { outcome };
}

async function finish({
  step: { deps, input, invoice },
  outcome,
  sync,
  keeps,
}: {
  step: InvoiceStep;
  outcome: InvoiceOutcome;
  sync: Omit<InvoiceSync, 'lastSyncAt' | 'outcome' | 'outcomeSince'>;
  keeps: boolean;
}): Promise<void> {
  const now = deps.now();
  const { account, invoiceId, lease } = input;
  await deps.store.invoices.finish({
    account,
    invoiceId,
    lease,
    keeps,
    mismatchesBefore: invoice.mismatches,
    sync: { ...sync, lastSyncAt: now, outcome, outcomeSince: outcomeSince(invoice, { outcome, now }) },
  });
}

function outcomeSince(invoice: Invoice, { outcome, now }: { outcome: InvoiceOutcome; now: Date }): Date {
  return invoice.outcome === outcome ? (invoice.outcomeSince ?? now) : now;
}

/** Returns the latest instant, at most `now`, because a call may be planned for later; null if all are unknown. */
function latest(instants: readonly (Date | null)[], now: Date): Date | null {
  const known = instants.filter((instant) => instant !== null).map((instant) => instant.getTime());
  return known.length === 0 ? null : new Date(Math.min(now.getTime(), Math.max(...known)));
}
