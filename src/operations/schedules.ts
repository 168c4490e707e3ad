import type { Client, ScheduleDescription } from '@temporalio/client';
import pMap from 'p-map';
import { grouped } from '../domain/grouped.js';
import type { Account } from '../settings/accounts.js';
import { selectAccount } from '../settings/select-account.js';
import { ALERTS } from '../workflows/ids.js';
import { applyAlertSchedule, describeAlertSchedule, planAlertSchedule } from '../temporal/schedules/alert-schedule.js';
import { type ListedSchedule, listOwnSchedules, type OwnSchedule } from '../temporal/schedules/own-schedules.js';
import { describeSchedule, removeSchedule } from '../temporal/schedules/schedule-operations.js';
import {
  applySchedules,
  plannedRemoval,
  planSchedules,
  schedulesOf,
  type AppliedSchedule,
  type PlannedSchedule,
} from '../temporal/schedules/schedules.js';

/** Accounts whose schedules are read at once. */
const READ_AT_ONCE = 10;
/** Accounts whose schedules are changed at once. */
const APPLIED_AT_ONCE = 5;

export interface ShownSchedule {
  readonly scheduleId: string;
  /** Null if it concerns the whole installation. */
  readonly account: string | null;
  /** `missing`: the settings require it, but the server does not have it. */
  readonly state: 'active' | 'paused' | 'missing';
  readonly note: string | null;
  readonly intervalMs: number | null;
  readonly nextAt: Date | null;
  readonly lastAt: Date | null;
  /** Instant of the last change, a pause included, or of its creation; null in a list, which lacks it. */
  readonly changedAt: Date | null;
}

/** Reads from the server the schedules that the account's settings require. */
export function shownSchedules(client: Client, account: Account): Promise<ShownSchedule[]> {
  return Promise.all(schedulesOf(account).map(({ scheduleId }) => readSchedule(client, scheduleId, account.name)));
}

/**
 * Finds the schedules that the accounts' settings require in a list of them, by account. The list may be a moment old,
 * so one that it lacks is read from the server.
 */
export async function findSchedules({
  client,
  accounts,
  listed,
}: {
  readonly client: Client;
  readonly accounts: readonly Account[];
  readonly listed: readonly ListedSchedule[];
}): Promise<ReadonlyMap<string, readonly ShownSchedule[]>> {
  const byId = new Map(listed.map((schedule) => [schedule.scheduleId, schedule]));
  const find = async (scheduleId: string, account: string): Promise<ShownSchedule> => {
    const found = byId.get(scheduleId);
    return found === undefined ? readSchedule(client, scheduleId, account) : shown(found);
  };
  const ofAccounts = await pMap(
    accounts,
    async (account) => {
      const schedules = schedulesOf(account).map(({ scheduleId }) => find(scheduleId, account.name));
      return [account.name, await Promise.all(schedules)] as const;
    },
    { concurrency: READ_AT_ONCE },
  );
  return new Map(ofAccounts);
}

/** Reads from the server the schedule of alerts, which the settings require. */
export async function shownAlertSchedule(client: Client): Promise<ShownSchedule> {
  return described({ scheduleId: ALERTS.id, account: null, description: await describeAlertSchedule(client) });
}

/** Returns the schedules of accounts that are no longer in the settings; they continue to start workflows. */
export function unknownAmong<Schedule extends OwnSchedule>(
  schedules: readonly Schedule[],
  accounts: readonly Pick<Account, 'name'>[],
): Schedule[] {
  const names = new Set(accounts.map(({ name }) => name));
  return schedules.filter(({ account }) => !names.has(account));
}

interface ApplyInput {
  readonly client: Client;
  /** All accounts of the settings. */
  readonly accounts: readonly Account[];
  /** Accounts whose schedules are changed to match their settings. */
  readonly chosen: readonly Account[];
  /** True to remove the schedules of accounts that are not in the settings. */
  readonly prune: boolean;
  /** True if the schedule of alerts is wanted, false if it is to be removed; left out to leave it alone. */
  readonly alerts?: boolean | undefined;
}

/** The changes made or planned, and the remaining schedules of accounts that are not in the settings. */
export interface Outcome<Result> {
  readonly results: readonly Result[];
  readonly unknown: readonly OwnSchedule[];
}

/** Changes the schedules of the chosen accounts to match their settings. An operator's pause is kept. */
export async function applyToAccounts(input: ApplyInput): Promise<Outcome<AppliedSchedule>> {
  const { client, accounts, chosen, prune, alerts } = input;
  const applied = await pMap(chosen, (account) => applySchedules(client, account), { concurrency: APPLIED_AT_ONCE });
  const results: AppliedSchedule[] = applied.flat();
  if (alerts !== undefined) results.push(...(await applyAlertSchedule(client, { isWanted: alerts })));
  const unknown = unknownAmong(await listOwnSchedules(client), accounts);
  if (!prune) return { results, unknown };
  for (const { scheduleId } of unknown) {
    if (await removeSchedule(client, scheduleId)) results.push({ scheduleId, action: 'removed', paused: false });
  }
  return { results, unknown: [] };
}

/** Returns what {@link applyToAccounts} would do, without changing anything. */
export async function planForAccounts(input: ApplyInput): Promise<Outcome<PlannedSchedule>> {
  const { client, accounts, chosen, prune, alerts } = input;
  const listed = await listOwnSchedules(client);
  const byAccount = grouped(listed, ({ account }) => account);
  const planned = await pMap(chosen, (account) => planSchedules(client, account, byAccount.get(account.name) ?? []), {
    concurrency: READ_AT_ONCE,
  });
  const ofAlerts = alerts === undefined ? [] : await planAlertSchedule(client, { isWanted: alerts });
  const results = [...planned.flat(), ...ofAlerts];
  const unknown = unknownAmong(listed, accounts);
  return prune ? { results: [...results, ...unknown.map(plannedRemoval)], unknown: [] } : { results, unknown };
}

/** An operation on a schedule; resolves to false if there is no such schedule. */
export type Operate = (client: Client, scheduleId: string) => Promise<boolean>;

/**
 * Runs an operation on each schedule of the named account, or else of all accounts of the settings and on that of
 * alerts, if it is wanted or there. An account that is no longer in the settings may be named too, to remove its
 * schedules.
 * @throws UsageError for a name that is not in the settings and has no schedules
 */
export async function operateSchedules(input: {
  client: Client;
  accounts: readonly Account[];
  name: string | undefined;
  /** True if the settings want the schedule of alerts. */
  alerts: boolean;
  operate: Operate;
}): Promise<{ scheduleId: string; found: boolean }[]> {
  const { client, accounts, name, alerts, operate } = input;
  const hasAlerts = name === undefined && (alerts || (await describeAlertSchedule(client)) !== null);
  const leftBehind = name === undefined ? [] : await listOwnSchedules(client, name);
  const chosen = name === undefined ? accounts : accounts.filter((account) => account.name === name);
  const schedules = [...chosen.flatMap(schedulesOf), ...leftBehind];
  const ids = [...new Set([...schedules.map(({ scheduleId }) => scheduleId), ...(hasAlerts ? [ALERTS.id] : [])])];
  if (ids.length === 0) selectAccount({ accounts, name });
  return Promise.all(ids.map(async (scheduleId) => ({ scheduleId, found: await operate(client, scheduleId) })));
}

/** Explains to a person what is wrong with schedules of unknown accounts and what to do. */
export function unknownSchedulesMessage(schedules: readonly OwnSchedule[]): string {
  const ids = schedules.map(({ scheduleId }) => scheduleId).join(', ');
  const accounts = [...new Set(schedules.map(({ account }) => account))].join(', ');
  return (
    `there are schedules of accounts that are not in the settings (${accounts}): ${ids}. If an account was renamed, its ` +
    'feed is read and stored twice. Remove them with `callweave schedule apply --prune`, or add the account again.'
  );
}

async function readSchedule(client: Client, scheduleId: string, account: string): Promise<ShownSchedule> {
  return described({ scheduleId, account, description: await describeSchedule(client, scheduleId) });
}

function described(read: {
  scheduleId: string;
  account: string | null;
  description: ScheduleDescription | null;
}): ShownSchedule {
  const { scheduleId, account, description } = read;
  if (description === null) {
    const nothing = { note: null, intervalMs: null, nextAt: null, lastAt: null, changedAt: null };
    return { scheduleId, account, state: 'missing', ...nothing };
  }
  const { lastUpdatedAt, createdAt } = description.info;
  return { ...shown({ ...description, account }), changedAt: lastUpdatedAt ?? createdAt };
}

/** A schedule as a list or a description shows it. */
type SeenSchedule = Omit<ListedSchedule, 'account'> & Pick<ShownSchedule, 'account'>;

function shown({ scheduleId, account, spec, state, info }: SeenSchedule): ShownSchedule {
  return {
    scheduleId,
    account,
    state: state.paused ? 'paused' : 'active',
    note: state.note ?? null,
    intervalMs: spec?.intervals?.[0]?.every ?? null,
    nextAt: state.paused ? null : (info.nextActionTimes[0] ?? null),
    lastAt: info.recentActions.at(-1)?.takenAt ?? null,
    changedAt: null,
  };
}
