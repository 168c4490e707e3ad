import { createHash } from 'node:crypto';
import { ScheduleAlreadyRunning, type Client, type ScheduleOptions, type ScheduleSpec } from '@temporalio/client';
import { TRANSCRIPTS_INTERVAL_MS } from '../../domain/transcripts/looking-ahead.js';
import type { Account, InvocaAccount } from '../../settings/accounts.js';
import {
  accountWorkflowId,
  DRAIN,
  RECONCILE,
  searchAttributesOf,
  SYNC_INVOICES,
  TRANSCRIPTS,
  WORKFLOW_TASK_QUEUE,
  type AccountWorkflow,
} from '../../workflows/ids.js';
import { listOwnSchedules, type OwnSchedule } from './own-schedules.js';
import { scheduleChanges, timesOfNew } from './schedule-changes.js';
import { describeSchedule, removeSchedule } from './schedule-operations.js';

const SKIP = 'SKIP';
/** Ten minutes to catch up, because one run does everything: a start missed for longer need not be made up for. */
export const SCHEDULE_POLICIES = { overlap: SKIP, catchupWindow: 10 * 60_000, pauseOnFailure: false } as const;

export interface AppliedSchedule {
  readonly scheduleId: string;
  /** `refused` if the server rejects it; the other schedules are applied all the same. */
  readonly action: 'created' | 'updated' | 'removed' | 'refused';
  readonly paused: boolean;
  /** The server's reason for a refusal. */
  readonly reason?: string;
}

/** The change that `applySchedules` would make to a schedule. */
export interface PlannedSchedule {
  readonly scheduleId: string;
  readonly action: 'create' | 'update' | 'remove' | 'none';
  /** Each field that would change, as `name: old -> new`; of a schedule to create the times only. */
  readonly changes: readonly string[];
}

/** The hour of the nightly reconcile in the token's zone: the day before is complete and few people work. */
const RECONCILE_HOUR = 3;

/** Returns the schedules that an account's settings ask for. */
export function schedulesOf(account: Account): ScheduleOptions[] {
  const { name, transcripts } = account;
  const schedules = pollsOf(account);
  if (!transcripts.enabled) return schedules;
  const wakes = intervalSchedule(TRANSCRIPTS, { name, intervalMs: TRANSCRIPTS_INTERVAL_MS, mode: 'wake' });
  // Calls stored while there was no schedule may be due.
  return [...schedules, { ...wakes, state: { triggerImmediately: true } }];
}

/** Returns the schedules that read new calls. */
function pollsOf(account: Account): ScheduleOptions[] {
  const poll = { name: account.name, intervalMs: account.pollIntervalMs };
  switch (account.source) {
    case 'invoca':
      return [intervalSchedule(DRAIN, poll), ...reconcileOf(account)];
    case 'credira':
      return [intervalSchedule(SYNC_INVOICES, poll)];
  }
}

function intervalSchedule(
  workflow: AccountWorkflow,
  { name, intervalMs, ...input }: { name: string; intervalMs: number; mode?: 'wake' },
): ScheduleOptions {
  const offset = offsetMs({ key: accountWorkflowId(workflow, name), intervalMs });
  const spec = { intervals: [{ every: intervalMs, offset }] };
  return scheduleOf(workflow, { input: { account: name, ...input }, spec });
}

function reconcileOf({ name, reconcileDays, timeZone }: InvocaAccount): ScheduleOptions[] {
  if (reconcileDays === 0 || timeZone === null) return [];
  const seconds = offsetMs({ key: accountWorkflowId(RECONCILE, name), intervalMs: 3_600_000 }) / 1_000;
  const time = { hour: RECONCILE_HOUR, minute: Math.floor(seconds / 60), second: seconds % 60 };
  const spec = { calendars: [time], timezone: timeZone };
  return [scheduleOf(RECONCILE, { input: { account: name, days: reconcileDays }, spec })];
}

function scheduleOf(
  workflow: AccountWorkflow,
  schedule: { input: { account: string; days?: number; mode?: 'wake' }; spec: ScheduleSpec },
): ScheduleOptions {
  const { input, spec } = schedule;
  const { account } = input;
  const scheduleId = accountWorkflowId(workflow, account);
  const typedSearchAttributes = searchAttributesOf({ account, mode: workflow.mode });
  return {
    scheduleId,
    spec,
    policies: SCHEDULE_POLICIES,
    typedSearchAttributes,
    action: {
      type: 'startWorkflow',
      workflowType: workflow.type,
      workflowId: scheduleId,
      taskQueue: WORKFLOW_TASK_QUEUE,
      args: [input],
      typedSearchAttributes,
      staticSummary: `${workflow.summary}: ${account}`,
    },
  };
}

/**
 * Returns the account's fixed offset in the interval, which spreads the accounts. Random jitter could put two polls
 * closer together than the interval that the source asks for.
 */
function offsetMs(input: { key: string; intervalMs: number }): number {
  const seconds = Math.floor(input.intervalMs / 1_000);
  return (createHash('sha256').update(input.key).digest().readUInt32BE(0) % seconds) * 1_000;
}

/**
 * Creates or updates the schedules that the account's settings ask for, and removes its other schedules. An operator's
 * pause and its note stay.
 */
export async function applySchedules(client: Client, account: Account): Promise<AppliedSchedule[]> {
  const applied: AppliedSchedule[] = [];
  for (const schedule of schedulesOf(account)) applied.push(await applyUnlessRefused(client, schedule));
  const wanted = new Set(applied.map(({ scheduleId }) => scheduleId));
  for (const { scheduleId } of await listOwnSchedules(client, account.name)) {
    if (wanted.has(scheduleId) || !(await removeSchedule(client, scheduleId))) continue;
    applied.push({ scheduleId, action: 'removed', paused: false });
  }
  return applied;
}

/** Creates or updates a schedule. */
export async function applyUnlessRefused(client: Client, options: ScheduleOptions): Promise<AppliedSchedule> {
  try {
    return await applySchedule(client, options);
  } catch (error) {
    // The SDK throws a TypeError if the server finds a schedule invalid.
    if (!(error instanceof TypeError)) throw error;
    const { timezone } = options.spec;
    const zone = timezone === undefined ? '' : ` (INVOCA_TIME_ZONE is ${timezone})`;
    return { scheduleId: options.scheduleId, action: 'refused', paused: false, reason: `${error.message}${zone}` };
  }
}

async function applySchedule(client: Client, options: ScheduleOptions): Promise<AppliedSchedule> {
  const { scheduleId, action, spec, policies, typedSearchAttributes } = options;
  try {
    await client.schedule.create(options);
    return { scheduleId, action: 'created', paused: false };
  } catch (error) {
    if (!(error instanceof ScheduleAlreadyRunning)) throw error;
  }
  let paused = false;
  await client.schedule.getHandle(scheduleId).update(({ state }) => {
    paused = state.paused;
    return {
      action,
      spec,
      ...(policies && { policies }),
      ...(typedSearchAttributes && { typedSearchAttributes }),
      state: { paused: state.paused, ...(state.note !== undefined && { note: state.note }) },
    };
  });
  return { scheduleId, action: 'updated', paused };
}

/** Returns the changes that {@link applySchedules} would make. `own` are the schedules that the account has. */
export async function planSchedules(
  client: Client,
  account: Account,
  own: readonly OwnSchedule[],
): Promise<PlannedSchedule[]> {
  const wanted = schedulesOf(account);
  const planned = await Promise.all(wanted.map((schedule) => planSchedule(client, schedule)));
  const wantedIds = new Set(wanted.map(({ scheduleId }) => scheduleId));
  return [...planned, ...own.filter(({ scheduleId }) => !wantedIds.has(scheduleId)).map(plannedRemoval)];
}

/** Returns the change that {@link applyUnlessRefused} would make, and changes nothing. */
export async function planSchedule(client: Client, wanted: ScheduleOptions): Promise<PlannedSchedule> {
  const { scheduleId } = wanted;
  const actual = await describeSchedule(client, scheduleId);
  if (actual === null) return { scheduleId, action: 'create', changes: timesOfNew(wanted) };
  const changes = scheduleChanges(wanted, actual);
  return { scheduleId, action: changes.length === 0 ? 'none' : 'update', changes };
}

export function plannedRemoval({ scheduleId }: { readonly scheduleId: string }): PlannedSchedule {
  return { scheduleId, action: 'remove', changes: [] };
}
