import type { Client } from '@temporalio/client';
import type { Account } from '../settings/accounts.js';
import { startDrain } from '../temporal/runs/account-workflows.js';
import { startInvoices } from '../temporal/runs/invoice-workflows.js';
import { resultUnlessStuck } from '../temporal/runs/run-state.js';
import type { DrainResult } from '../workflows/feed/drain-progress.js';
import type { InvoicesResult } from '../workflows/invoices/invoices-progress.js';

/** Stores everything that the account's source has now. */
export async function readToTheEnd(
  client: Client,
  { name, source }: Account,
  signal: AbortSignal,
): Promise<DrainResult | InvoicesResult> {
  switch (source) {
    case 'invoca':
      return drainToTheEnd(client, name, signal);
    case 'credira': {
      const { handle } = await startInvoices(client, { account: name, dueBy: new Date() });
      return resultUnlessStuck(handle, signal);
    }
  }
}

/** Drains until a run has caught up. A run that leaves the feed to a scheduled drain is followed by that one. */
async function drainToTheEnd(client: Client, account: string, signal: AbortSignal): Promise<DrainResult> {
  for (;;) {
    const { handle } = await startDrain(client, account);
    const result = await resultUnlessStuck(handle, signal);
    if (result.ended === 'caught-up') return result;
  }
}
