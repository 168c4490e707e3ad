import type { Client } from '@temporalio/client';
import {
  daysText,
  remergeWorkflowId,
  searchAttributesOf,
  verifyWorkflowId,
  WORKFLOW_TASK_QUEUE,
  refreshWorkflowId,
} from '../../workflows/ids.js';
import type { remerge, RemergeInput } from '../../workflows/repair/remerge.js';
import type { verify, VerifyInput } from '../../workflows/repair/verify.js';
import { startOrAttach, type Started } from './account-workflows.js';
import type { refreshCall, RefreshCallInput } from '../../workflows/repair/refresh-call.js';

export interface StartedVerify extends Started<typeof verify> {
  /** True if the run repairs; the running one may differ from the input if this start attached to it. */
  readonly repair: boolean;
}

/** Starts a run that compares these days with the source, or attaches to the running one, with or without repair. */
export async function startVerify(client: Client, input: VerifyInput): Promise<StartedVerify> {
  const { account, repair } = input;
  const started = await startOrAttach<typeof verify>(client, 'verify', {
    args: [input],
    workflowId: verifyWorkflowId(input),
    taskQueue: WORKFLOW_TASK_QUEUE,
    typedSearchAttributes: searchAttributesOf({ account, mode: 'verify' }),
    staticSummary: `${repair ? 'Repair' : 'Verification'}: ${account}, ${daysText(input)}`,
    memo: { repair },
  });
  const { memo } = await started.handle.describe();
  return { ...started, repair: memo?.['repair'] === true };
}

/** Starts a run that computes the account's documents again, or attaches to the running one, whatever its days. */
export function startRemerge(client: Client, input: RemergeInput): Promise<Started<typeof remerge>> {
  const { account, window: days } = input;
  return startOrAttach<typeof remerge>(client, 'remerge', {
    args: [input],
    workflowId: remergeWorkflowId(account),
    taskQueue: WORKFLOW_TASK_QUEUE,
    typedSearchAttributes: searchAttributesOf({ account, mode: 'remerge' }),
    staticSummary: `Remerge: ${account}, ${days === null ? 'all calls' : daysText(days)}`,
  });
}

/** Starts a run that reads a call again from its source, or attaches to the running one. */
export function startRefresh(client: Client, input: RefreshCallInput): Promise<Started<typeof refreshCall>> {
  const { account, id } = input;
  return startOrAttach<typeof refreshCall>(client, 'refreshCall', {
    args: [input],
    workflowId: refreshWorkflowId(input),
    taskQueue: WORKFLOW_TASK_QUEUE,
    typedSearchAttributes: searchAttributesOf({ account, mode: 'refresh' }),
    staticSummary: `Call refresh: ${account}, ${id}`,
  });
}
