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

/** The checkpoint of an account's live cursor. No other stream reads or writes it. */
export function liveStream(account: string): string {
  return `drain/${account}`;
}

export type CallweaveMode = 'live' | 'backfill' | 'reconcile' | 'dispatch' | 'transcript' | 'invoices' | 'verify';

/** A workflow that runs once at a time for each account, by its schedule or by hand. */
export interface AccountWorkflow {
  readonly type: 'drain' | 'transcripts';
  readonly mode: CallweaveMode;
  /** For the lists of the Web UI. */
  readonly summary: string;
}

export const DRAIN: AccountWorkflow = { type: 'drain', mode: 'live', summary: 'Live drain' };
export const TRANSCRIPTS: AccountWorkflow = {
  type: 'transcripts',
  mode: 'dispatch',
  summary: 'Transcripts that are due',
};

/** The workflow's id for an account, and the id of the schedule that starts it. */
export function accountWorkflowId({ type }: AccountWorkflow, account: string): string {
  return `${type}/${account}`;
}

/** One look at one call's transcript. */
export function transcriptWorkflowId(input: { account: string; callId: string }): string {
  return `transcript/${input.account}/${input.callId}`;
}

export const ACCOUNT_ATTRIBUTE = defineSearchAttributeKey('CallweaveAccount', SearchAttributeType.KEYWORD);
export const MODE_ATTRIBUTE = defineSearchAttributeKey('CallweaveMode', SearchAttributeType.KEYWORD);

export function searchAttributesOf(input: { account: string; mode: CallweaveMode }): SearchAttributePair[] {
  return [
    { key: ACCOUNT_ATTRIBUTE, value: input.account },
    { key: MODE_ATTRIBUTE, value: input.mode },
  ];
}
