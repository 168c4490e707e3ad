/**
 * Names that Temporal, its Web UI and other people's scripts see. Pure, so that workflows, the client and the worker
 * share them.
 */
import { defineSearchAttributeKey, SearchAttributeType, type SearchAttributePair } from '@temporalio/common';

/** Workflows and the activities that talk to MongoDB only. */
export const WORKFLOW_TASK_QUEUE = 'callweave';

/** The activities that call one account's API, so that a limit on the queue is a limit on that API. */
export function apiTaskQueue(account: string): string {
  return `callweave-api-${account}`;
}

/** The workflow id of an account's live drain, and the id of the schedule that starts it. */
export function drainWorkflowId(account: string): string {
  return `drain/${account}`;
}

/** The checkpoint of an account's live cursor. No other stream reads or writes it. */
export function liveStream(account: string): string {
  return `drain/${account}`;
}

export type CallweaveMode = 'live' | 'backfill' | 'reconcile' | 'dispatch' | 'transcript' | 'invoices' | 'verify';

export const ACCOUNT_ATTRIBUTE = defineSearchAttributeKey('CallweaveAccount', SearchAttributeType.KEYWORD);
export const MODE_ATTRIBUTE = defineSearchAttributeKey('CallweaveMode', SearchAttributeType.KEYWORD);

export function searchAttributesOf(input: { account: string; mode: CallweaveMode }): SearchAttributePair[] {
  return [
    { key: ACCOUNT_ATTRIBUTE, value: input.account },
    { key: MODE_ATTRIBUTE, value: input.mode },
  ];
}
