import { setTimeout as sleep } from 'node:timers/promises';
import type { Client, WorkflowHandle } from '@temporalio/client';
import { WorkflowNotFoundError } from '@temporalio/common';
import { accountWorkflowId, searchAttributesOf, SYNC_INVOICES, WORKFLOW_TASK_QUEUE } from '../../workflows/ids.js';
import { moreInvoicesSignal } from '../../workflows/invoices/invoices-progress.js';
import type { syncInvoices } from '../../workflows/invoices/sync-invoices.js';
import { runningFor, type Started } from './account-workflows.js';

export type InvoicesHandle = WorkflowHandle<typeof syncInvoices>;

/** The age that the server's list of running workflows may have. */
const LIST_DELAY_MS = 1_000;

/** Starts a run that asks about the account's invoices that are due by an instant, or adds them to the running one. */
export async function startInvoices(
  client: Client,
  { account, dueBy }: { account: string; dueBy: Date },
): Promise<Started<typeof syncInvoices>> {
  const until = dueBy.toISOString();
  for (;;) {
    const running = await runningFor<typeof syncInvoices>(client, SYNC_INVOICES, account);
    if (running === null) return { handle: await signalWithStart(client, account, until), attached: false };
    try {
      await running.signal(moreInvoicesSignal, until);
      return { handle: running, attached: true };
    } catch (error) {
      // It has ended since it was listed.
      if (!(error instanceof WorkflowNotFoundError)) throw error;
      await sleep(LIST_DELAY_MS);
    }
  }
}

/** Starts the workflow, or signals a run that started a moment ago and is not listed yet. */
async function signalWithStart(client: Client, account: string, until: string): Promise<InvoicesHandle> {
  const { workflowId } = await client.workflow.signalWithStart<typeof syncInvoices, [string]>(SYNC_INVOICES.type, {
    args: [{ account, dueBy: until }],
    signal: moreInvoicesSignal,
    signalArgs: [until],
    workflowId: accountWorkflowId(SYNC_INVOICES, account),
    taskQueue: WORKFLOW_TASK_QUEUE,
    typedSearchAttributes: searchAttributesOf({ account, mode: SYNC_INVOICES.mode }),
    staticSummary: `${SYNC_INVOICES.summary}: ${account}`,
  });
  return client.workflow.getHandle<typeof syncInvoices>(workflowId);
}
