import type { SignalDefinition } from '@temporalio/common';

/**
 * Tells a synchronisation that runs of invoices that have become due since it started, those due by an ISO instant. The
 * client knows it too, hence no `defineSignal`.
 */
export const moreInvoicesSignal = { type: 'signal', name: 'moreInvoices' } as SignalDefinition<[string]>;
