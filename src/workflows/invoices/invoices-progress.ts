import type { SignalDefinition } from '@temporalio/common';
import { count } from '../../domain/count.js';
import { progressQuery, waitLine, type Wait } from '../progress.js';

/** Counts of a synchronisation of invoices, for its query, its current details and its result. */
export interface InvoiceCounts {
  /** Invoices asked about. */
  readonly invoices: number;
  /** Documents created or changed. */
  readonly calls: number;
  readonly rejects: number;
  /** Invoices the source does not know. */
  readonly unknown: number;
  /** Invoices whose id the source does not accept. */
  readonly refused: number;
  /** Invoices of which the source keeps stating another number of calls. Left out by runs of earlier versions. */
  readonly incomplete?: number;
}

export const NO_INVOICES: InvoiceCounts = { invoices: 0, calls: 0, rejects: 0, unknown: 0, refused: 0, incomplete: 0 };

export interface InvoicesProgress extends InvoiceCounts {
  readonly account: string;
  readonly inFlight: number;
  readonly waiting: Wait | null;
}

export const invoicesProgressQuery = progressQuery<InvoicesProgress>();

export interface InvoicesResult extends InvoiceCounts {
  readonly account: string;
}

/** Adds counts; those left out of `more` are 0. */
export function addInvoices(counts: InvoiceCounts, more: Partial<InvoiceCounts>): InvoiceCounts {
  return {
    invoices: counts.invoices + (more.invoices ?? 0),
    calls: counts.calls + (more.calls ?? 0),
    rejects: counts.rejects + (more.rejects ?? 0),
    unknown: counts.unknown + (more.unknown ?? 0),
    refused: counts.refused + (more.refused ?? 0),
    incomplete: (counts.incomplete ?? 0) + (more.incomplete ?? 0),
  };
}

/** Returns one line, as "120 invoices, 340 documents written, 0 rejects, 2 unknown". */
export function invoicesLine({ invoices, calls, rejects, unknown, refused, incomplete = 0 }: InvoiceCounts): string {
  const parts = [
    count(invoices, 'invoice'),
    `${count(calls, 'document')} written`,
    count(rejects, 'reject'),
    `${count(unknown)} unknown`,
    ...(refused === 0 ? [] : [`${count(refused)} refused`]),
    ...(incomplete === 0 ? [] : [`${count(incomplete)} incomplete`]),
  ];
  return parts.join(', ');
}

/** Returns Markdown for the workflow's current details. */
export function invoicesDetails(progress: InvoicesProgress): string {
  const { account, waiting, inFlight } = progress;
  const doing = waiting === null ? `${inFlight} in progress` : waitLine(waiting);
  return `**Synchronising due invoices of ${account}: ${doing}**\n\nSo far: ${invoicesLine(progress)}.`;
}

export function invoicesResultDetails(result: InvoicesResult): string {
  return `**Synchronised due invoices of ${result.account}: none left**\n\nIn total: ${invoicesLine(result)}.`;
}

/** Signal to a running synchronisation: asks also about invoices due by a later ISO instant. Clients use it too. */
export const moreInvoicesSignal = { type: 'signal', name: 'moreInvoices' } as SignalDefinition<[string]>;
