/**
 * Names that Temporal, its Web UI and other people's scripts see. Workflows, the client and the worker share this file,
 * so it must stay pure.
 */
import { defineSearchAttributeKey, SearchAttributeType, type SearchAttributePair } from '@temporalio/common';
import type { Days } from '../domain/days/days.js';

/** Task queue of all workflows, and of the activities that talk to MongoDB only. */
export const WORKFLOW_TASK_QUEUE = 'callweave';

/** Returns the task queue of the activities that ask one account's API: a limit on the queue limits that API. */
export function apiTaskQueue(account: string): string {
  return `callweave-api-${account}`;
}

/** Returns the name of the checkpoint with an account's live cursor. No other stream reads or writes it. */
export function liveStream(account: string): string {
  return `drain/${account}`;
}

/**
 * Returns the name of the checkpoint of a backfill's window or a reconcile. It contains `drainId`, the run that began
 * it, so that every new run begins at the first row. Checkpoints of ended runs stay, and show which days are complete.
 */
export function daysStream(input: { workflowId: string; days: Days; drainId: string }): string {
  return `${input.workflowId}/${daysText(input.days)}#${input.drainId}`;
}

export type CallweaveMode =
  | 'live'
  | 'backfill'
  | 'reconcile'
  | 'dispatch'
  | 'transcript'
  | 'invoices'
  | 'verify'
  | 'remerge'
  | 'refresh'
  | 'nudge'
  | 'alert';

/** A workflow that runs once at a time for each account, by its schedule or by hand. */
export interface AccountWorkflow {
  readonly type: 'drain' | 'transcripts' | 'reconcile' | 'syncInvoices';
  readonly mode: CallweaveMode;
  /** Static summary in the lists of the Web UI, before the account. */
  readonly summary: string;
}

export const DRAIN: AccountWorkflow = { type: 'drain', mode: 'live', summary: 'Live drain' };
export const TRANSCRIPTS: AccountWorkflow = { type: 'transcripts', mode: 'dispatch', summary: 'Due transcripts' };
export const RECONCILE: AccountWorkflow = { type: 'reconcile', mode: 'reconcile', summary: 'Nightly reconcile' };
export const SYNC_INVOICES: AccountWorkflow = { type: 'syncInvoices', mode: 'invoices', summary: 'Due invoices' };

/** Workflows that a schedule may start for an account. */
export const ACCOUNT_WORKFLOWS: readonly AccountWorkflow[] = Object.values<AccountWorkflow>({
  drain: DRAIN,
  transcripts: TRANSCRIPTS,
  reconcile: RECONCILE,
  syncInvoices: SYNC_INVOICES,
} satisfies Record<AccountWorkflow['type'], AccountWorkflow>);

/** Returns the workflow's id for an account, which is also the id of the schedule that starts it. */
export function accountWorkflowId({ type }: AccountWorkflow, account: string): string {
  return `${type === 'syncInvoices' ? 'invoices' : type}/${account}`;
}

/** Workflow that tells what needs a person: one for the installation. Its schedule has the same id. */
export const ALERTS = { type: 'alerts', id: 'alerts', mode: 'alert', summary: 'Alerts' } as const;

/** Returns the id of a backfill: one runs at a time for each account and range. */
export function backfillWorkflowId({ account, ...days }: Days & { account: string }): string {
  return `backfill/${account}/${daysText(days)}`;
}

/** Returns the id of one window of a backfill. */
export function windowWorkflowId(input: { parentId: string; window: Days }): string {
  return `${input.parentId}/${daysText(input.window)}`;
}

/** Returns the days as `2025-03-01..2025-03-31`. */
export function daysText({ from, to }: Days): string {
  return `${from}..${to}`;
}

/** Returns the id of the workflow that `backfill --dry-run` starts. */
export function estimateWorkflowId({ account, ...days }: Days & { account: string }): string {
  return `estimate/${account}/${daysText(days)}`;
}

/** Returns the id of the run of `transcripts` that stays while a look is due soon: one for each account. */
export function dispatcherWorkflowId(account: string): string {
  return `${accountWorkflowId(TRANSCRIPTS, account)}/next`;
}

/** Returns the id of the looks at one call's transcript: one runs at a time. */
export function transcriptWorkflowId(input: { account: string; callId: string }): string {
  return `transcript/${input.account}/${input.callId}`;
}

/** Returns the id of a verification: one runs at a time for each account and range. */
export function verifyWorkflowId({ account, ...days }: Days & { account: string }): string {
  return `verify/${account}/${daysText(days)}`;
}

/** Returns the id of a refresh: one runs at a time for each id, of a call or a transaction. */
export function refreshWorkflowId({ account, id }: { account: string; id: string }): string {
  return `refresh/${account}/${id}`;
}

/** Returns the id of the run that reads the calls of webhooks: one runs at a time for each account. */
export function nudgesWorkflowId(account: string): string {
  return `nudges/${account}`;
}

/** Returns the id of a remerge: one runs at a time for each account, whatever its days. */
export function remergeWorkflowId(account: string): string {
  return `remerge/${account}`;
}

export const ACCOUNT_ATTRIBUTE = defineSearchAttributeKey('CallweaveAccount', SearchAttributeType.KEYWORD);
export const MODE_ATTRIBUTE = defineSearchAttributeKey('CallweaveMode', SearchAttributeType.KEYWORD);

/** Returns the attributes of a workflow; `account` is null if it is one of the whole installation. */
export function searchAttributesOf(input: { account: string | null; mode: CallweaveMode }): SearchAttributePair[] {
  const { account, mode } = input;
  const ofAccount: SearchAttributePair[] = account === null ? [] : [{ key: ACCOUNT_ATTRIBUTE, value: account }];
  return [...ofAccount, { key: MODE_ATTRIBUTE, value: mode }];
}
