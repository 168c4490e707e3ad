/**
 * Names that Temporal, its Web UI and other people's scripts see. Pure, so that workflows, the client and the worker
 * share them.
 */
import { defineSearchAttributeKey, SearchAttributeType, type SearchAttributePair } from '@temporalio/common';
import type { Days } from '../domain/days/days.js';

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

/**
 * The checkpoint of the days that one window of a backfill, or one reconcile, reads. `drainId` is the run that began
 * it, so that another one starts them anew; what a run that ended has left tells which days are complete.
 */
export function daysStream(input: { workflowId: string; days: Days; drainId: string }): string {
  return `${input.workflowId}/${daysText(input.days)}#${input.drainId}`;
}

export type CallweaveMode =
  'live' | 'backfill' | 'reconcile' | 'dispatch' | 'transcript' | 'invoices' | 'verify' | 'remerge' | 'refresh';

/** A workflow that runs once at a time for each account, by its schedule or by hand. */
export interface AccountWorkflow {
  readonly type: 'drain' | 'transcripts' | 'reconcile' | 'syncInvoices';
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

export const RECONCILE: AccountWorkflow = { type: 'reconcile', mode: 'reconcile', summary: 'Nightly reconcile' };

export const SYNC_INVOICES: AccountWorkflow = {
  type: 'syncInvoices',
  mode: 'invoices',
  summary: 'Calls of invoices that are due',
};

/** What a schedule may start for an account. */
export const ACCOUNT_WORKFLOWS: readonly AccountWorkflow[] = Object.values<AccountWorkflow>({
  drain: DRAIN,
  transcripts: TRANSCRIPTS,
  reconcile: RECONCILE,
  syncInvoices: SYNC_INVOICES,
} satisfies Record<AccountWorkflow['type'], AccountWorkflow>);

/** The workflow's id for an account, and the id of the schedule that starts it. */
export function accountWorkflowId({ type }: AccountWorkflow, account: string): string {
  return `${type === 'syncInvoices' ? 'invoices' : type}/${account}`;
}

/** One at a time for each account and range. */
export function backfillWorkflowId({ account, ...days }: Days & { account: string }): string {
  return `backfill/${account}/${daysText(days)}`;
}

/** One window of a backfill. */
export function windowWorkflowId(input: { parentId: string; window: Days }): string {
  return `${input.parentId}/${daysText(input.window)}`;
}

/** As `2025-03-01..2025-03-31`. */
export function daysText({ from, to }: Days): string {
  return `${from}..${to}`;
}

/** What `backfill --dry-run` asks the source. */
export function estimateWorkflowId({ account, ...days }: Days & { account: string }): string {
  return `estimate/${account}/${daysText(days)}`;
}

/** One look at one call's transcript. */
export function transcriptWorkflowId(input: { account: string; callId: string }): string {
  return `transcript/${input.account}/${input.callId}`;
}

/** One at a time for each account and range. */
export function verifyWorkflowId({ account, ...days }: Days & { account: string }): string {
  return `verify/${account}/${daysText(days)}`;
}

/** One at a time for each id, be it of a call or of a transaction. */
export function refreshWorkflowId({ account, id }: { account: string; id: string }): string {
  return `refresh/${account}/${id}`;
}

/** One at a time for each account, whatever its days. */
export function remergeWorkflowId(account: string): string {
  return `remerge/${account}`;
}

export const ACCOUNT_ATTRIBUTE = defineSearchAttributeKey('CallweaveAccount', SearchAttributeType.KEYWORD);
export const MODE_ATTRIBUTE = defineSearchAttributeKey('CallweaveMode', SearchAttributeType.KEYWORD);

export function searchAttributesOf(input: { account: string; mode: CallweaveMode }): SearchAttributePair[] {
  return [
    { key: ACCOUNT_ATTRIBUTE, value: input.account },
    { key: MODE_ATTRIBUTE, value: input.mode },
  ];
}
