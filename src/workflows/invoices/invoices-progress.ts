import type { SignalDefinition } from '@temporalio/common';
import { count } from '../../domain/count.js';
import { progressQuery, waitLine, type Wait } from '../progress.js';

/**
 * How far invoices are synchronised: what the query answers, what the details show, and what is returned at the end.
 */
export interface InvoiceCounts {
  /** Asked about. */
  readonly invoices: number;
  /** Documents created or changed. */
  readonly calls: number;
  readonly rejects: number;
  /** Of the invoices those the source does not know. */
  readonly unknown: number;
  /** Those whose id it does not take. */
  readonly refused: number;
}

export const NO_INVOICES: InvoiceCounts = { invoices: 0, calls: 0, rejects: 0, unknown: 0, refused: 0 };

export interface InvoicesProgress extends InvoiceCounts {
  readonly account: string;
  readonly inFlight: number;
  readonly waiting: Wait | null;
}

export const invoicesProgressQuery = progressQuery<InvoicesProgress>();

export interface InvoicesResult extends InvoiceCounts {
  readonly account: string;
}

export function addInvoices(counts: InvoiceCounts, more: Partial<InvoiceCounts>): InvoiceCounts {
  return {
    invoices: counts.invoices + (more.invoices ?? 0),
    calls: counts.calls + (more.calls ?? 0),
    rejects: counts.rejects + (more.rejects ?? 0),
    unknown: counts.unknown + (more.unknown ?? 0),
    refused: counts.refused + (more.refused ?? 0),
  };
}

/** One line, as "120 invoices, 340 calls, 0 rejects, 2 unknown". */
export function invoicesLine({ invoices, calls, rejects, unknown, refused }: InvoiceCounts): string {
  const parts = [
    count(invoices, 'invoice'),
    count(calls, 'call'),
    count(rejects, 'reject'),
    `${count(unknown)} unknown`,
    ...(refused === 0 ? [] : [`${count(refused)} refused`]),
  ];
  return parts.join(', ');
}

/** Markdown for the workflow's current details. */
export function invoicesDetails(progress: InvoicesProgress): string {
  const { account, waiting, inFlight } = progress;
  const doing =
    waiting === null ? `Asking for the calls of ${account}, ${inFlight} at once` : `${account}: ${waitLine(waiting)}`;
  return `**${doing}**\n\nSo far: ${invoicesLine(progress)}.`;
}

export function invoicesResultDetails(result: InvoicesResult): string {
  return `**No invoice of ${result.account} is due**\n\nThis run: ${invoicesLine(result)} (calls created or changed).`;
}

/**
 * Tells a synchronisation that runs of invoices that have become due since it started, those due by an ISO instant. The
 * client knows it too, hence no `defineSignal`.
 */
export const moreInvoicesSignal = { type: 'signal', name: 'moreInvoices' } as SignalDefinition<[string]>;
