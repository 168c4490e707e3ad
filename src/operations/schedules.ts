import type { Client, ScheduleDescription } from '@temporalio/client';
import type { Account } from '../settings/accounts.js';
import { selectAccount } from '../settings/select-account.js';
import { listOwnSchedules, type OwnSchedule } from '../temporal/schedules/own-schedules.js';
import {
  applySchedules,
  describeSchedule,
  plannedRemoval,
  planSchedules,
  removeSchedule,
  schedulesOf,
  type AppliedSchedule,
  type PlannedSchedule,
} from '../temporal/schedules/schedules.js';

export interface ShownSchedule {
  readonly scheduleId: string;
  readonly account: string;
  /** `missing`: the settings ask for it and the server does not have it. */
  readonly state: 'active' | 'paused' | 'missing';
  readonly note: string | null;
  readonly intervalMs: number | null;
  readonly nextAt: Date | null;
  readonly lastAt: Date | null;
  /** When it was made, or last changed, be it paused. */
  readonly changedAt: Date | null;
}

/** The schedules one account's settings ask for, as the server has them. */
export function shownSchedules(client: Client, account: Account): Promise<ShownSchedule[]> {
  return Promise.all(
    schedulesOf(account).map(async ({ scheduleId }) =>
      shown({ scheduleId, account: account.name, description: await describeSchedule(client, scheduleId) }),
    ),
  );
}

/** The schedules of accounts that are in no settings any more: they go on starting workflows. */
export async function unknownSchedules(
  client: Client,
  accounts: readonly Pick<Account, 'name'>[],
): Promise<OwnSchedule[]> {
  const names = new Set(accounts.map(({ name }) => name));
  return (await listOwnSchedules(client)).filter(({ account }) => !names.has(account));
}

interface ApplyInput {
  readonly client: Client;
  /** All that are set. */
  readonly accounts: readonly Account[];
  /** Those whose schedules are to match their settings. */
  readonly chosen: readonly Account[];
  /** Whether the schedules of accounts that are not set go. */
  readonly prune: boolean;
}

/** What was done, or would be, and the schedules of unknown accounts that are left. */
export interface Outcome<Result> {
  readonly results: readonly Result[];
  readonly unknown: readonly OwnSchedule[];
}

/** Makes the schedules of the chosen accounts match their settings. An operator's pause stays. */
export async function applyToAccounts(input: ApplyInput): Promise<Outcome<AppliedSchedule>> {
  const { client, accounts, chosen, prune } = input;
  const results: AppliedSchedule[] = [];
  for (const account of chosen) results.push(...(await applySchedules(client, account)));
  const unknown = await unknownSchedules(client, accounts);
  if (!prune) return { results, unknown };
  for (const { scheduleId } of unknown) {
    if (await removeSchedule(client, scheduleId)) results.push({ scheduleId, action: 'removed', paused: false });
  }
  return { results, unknown: [] };
}

/** What {@link applyToAccounts} would do. Nothing is changed. */
export async function planForAccounts(input: ApplyInput): Promise<Outcome<PlannedSchedule>> {
  const { client, accounts, chosen, prune } = input;
  const planned = (await Promise.all(chosen.map((account) => planSchedules(client, account)))).flat();
  const unknown = await unknownSchedules(client, accounts);
  return prune ? { results: [...planned, ...unknown.map(plannedRemoval)], unknown: [] } : { results: planned, unknown };
}

/** Does something to a schedule; false if there is no such schedule. */
export type Operate = (client: Client, scheduleId: string) => Promise<boolean>;

/**
 * Does something to each schedule of the account, of all that are set if none is named. An account that is in no
 * settings any more may still have schedules, which somebody wants to be rid of.
 * @throws UsageError for a name that is neither set nor has schedules
 */
export async function operateSchedules(input: {
  client: Client;
  accounts: readonly Account[];
  name: string | undefined;
  operate: Operate;
}): Promise<{ scheduleId: string; found: boolean }[]> {
  const { client, accounts, name, operate } = input;
  const leftBehind = name === undefined ? [] : await listOwnSchedules(client, name);
  const chosen = name === undefined ? accounts : accounts.filter((account) => account.name === name);
  const schedules = [...chosen.flatMap(schedulesOf), ...leftBehind];
  const ids = [...new Set(schedules.map(({ scheduleId }) => scheduleId))];
  if (ids.length === 0) selectAccount({ accounts, name });
  return Promise.all(ids.map(async (scheduleId) => ({ scheduleId, found: await operate(client, scheduleId) })));
}

/** What is wrong with schedules of unknown accounts and what to do, for a person. */
export function unknownSchedulesMessage(schedules: readonly OwnSchedule[]): string {
  const ids = schedules.map(({ scheduleId }) => scheduleId).join(', ');
  const accounts = [...new Set(schedules.map(({ account }) => account))].join(', ');
  return (
    `there are schedules of accounts that are not set (${accounts}): ${ids}. If an account was renamed, its feed is read ` +
    'and stored twice. Remove them with `callweave schedule apply --prune`, or set the account again.'
  );
}

function shown(input: { scheduleId: string; account: string; description: ScheduleDescription | null }): ShownSchedule {
  const { scheduleId, account, description } = input;
  if (description === null) {
    const nothing = { note: null, intervalMs: null, nextAt: null, lastAt: null, changedAt: null };
    return { scheduleId, account, state: 'missing', ...nothing };
  }
  const { state, spec, info } = description;
  return {
    scheduleId,
    account,
    state: state.paused ? 'paused' : 'active',
    note: state.note ?? null,
    intervalMs: spec.intervals?.[0]?.every ?? null,
    nextAt: state.paused ? null : (info.nextActionTimes[0] ?? null),
    lastAt: info.recentActions.at(-1)?.takenAt ?? null,
    changedAt: info.lastUpdatedAt ?? info.createdAt,
  };
}
