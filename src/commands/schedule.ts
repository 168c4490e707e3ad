import prettyMilliseconds from 'pretty-ms';
import type { Client, ScheduleDescription } from '@temporalio/client';
import { selectAccount } from '../settings/select-account.js';
import type { Account } from '../settings/settings.js';
import { withClient, type TemporalAddress } from '../temporal/connect.js';
import {
  applySchedules,
  describeSchedule,
  pauseSchedule,
  removeSchedule,
  resumeSchedule,
  scheduleIdsFor,
  schedulesOf,
  scheduleWarnings,
  triggerSchedule,
  type AppliedSchedule,
} from '../temporal/schedules.js';
import { ensureSearchAttributes } from '../temporal/search-attributes.js';
import { accountOption, commandSettings, noteWarnings, type CommandContext, type CommonOptions } from './context.js';
import { EXIT, type ExitCode } from './exit-codes.js';
import type { Register } from './frame.js';

export interface ShownSchedule {
  readonly scheduleId: string;
  readonly account: string;
  /** `missing`: the settings ask for it and the server does not have it. */
  readonly state: 'active' | 'paused' | 'missing';
  readonly note: string | null;
  readonly intervalMs: number | null;
  readonly nextAt: Date | null;
  readonly lastAt: Date | null;
}

interface ScheduleOptions extends CommonOptions {
  readonly account?: string;
}

interface Target {
  readonly accounts: readonly Account[];
  readonly temporalAddress: TemporalAddress;
}

async function applyAll(target: Target): Promise<{ applied: AppliedSchedule[]; command: string | null }> {
  return withClient(target.temporalAddress, async (client) => {
    const command = await ensureSearchAttributes(client);
    const applied: AppliedSchedule[] = [];
    for (const account of target.accounts) applied.push(...(await applySchedules(client, account)));
    return { applied, command };
  });
}

/** The schedules the accounts' settings ask for, as the server has them. */
export async function showSchedules(target: Target): Promise<ShownSchedule[]> {
  return withClient(target.temporalAddress, async (client) =>
    (await Promise.all(target.accounts.map((account) => shownSchedules(client, account)))).flat(),
  );
}

/** The schedules one account's settings ask for, as the server has them. */
export function shownSchedules(client: Client, account: Account): Promise<ShownSchedule[]> {
  return Promise.all(
    schedulesOf(account).map(async ({ scheduleId }) =>
      shown({ scheduleId, account: account.name, description: await describeSchedule(client, scheduleId) }),
    ),
  );
}

function shown(input: { scheduleId: string; account: string; description: ScheduleDescription | null }): ShownSchedule {
  const { scheduleId, account, description } = input;
  if (description === null) {
    return { scheduleId, account, state: 'missing', note: null, intervalMs: null, nextAt: null, lastAt: null };
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
  };
}

/** What is done to each schedule of the accounts; false where there is no such schedule. */
type Operate = (client: Client, scheduleId: string) => Promise<boolean>;

interface OperationOptions extends ScheduleOptions {
  readonly note?: string;
}

interface OperationCommand {
  readonly description: string;
  /** What became of the schedule, for the person. */
  readonly done: string;
  readonly takesNote: boolean;
  readonly operate: (note: string) => Operate;
}

const OPERATIONS: Readonly<Record<string, OperationCommand>> = {
  pause: {
    description: 'Pauses the schedules; what runs goes on to its end.',
    done: 'paused',
    takesNote: true,
    operate: (note) => (client, id) => pauseSchedule(client, id, note),
  },
  resume: {
    description: 'Lets paused schedules start their workflows again.',
    done: 'resumed',
    takesNote: true,
    operate: (note) => (client, id) => resumeSchedule(client, id, note),
  },
  trigger: {
    description: 'Starts the schedules’ workflows now, where none runs.',
    done: 'triggered',
    takesNote: false,
    operate: () => triggerSchedule,
  },
  remove: {
    description: 'Removes the schedules; what runs goes on to its end.',
    done: 'removed',
    takesNote: false,
    operate: () => removeSchedule,
  },
};

export const registerSchedule: Register = (command, context) => {
  command
    .command('apply')
    .description('Creates the schedules, or makes them match the settings; an operator’s pause stays.')
    .addOption(accountOption('of this account only'))
    .action(context.action((options: ScheduleOptions) => apply(context, options)));
  command
    .command('show')
    .description('Shows the schedules the settings ask for, as the server has them.')
    .addOption(accountOption('of this account only'))
    .action(context.action((options: ScheduleOptions) => show(context, options)));
  for (const [name, operation] of Object.entries(OPERATIONS)) {
    const subcommand = command
      .command(name)
      .description(operation.description)
      .addOption(accountOption('of this account only'))
      .action(context.action((options: OperationOptions) => runOperation({ context, options, operation })));
    if (operation.takesNote)
      subcommand.option('--note <text>', 'shown with the schedule', `by callweave schedule ${name}`);
  }
};

async function runOperation(input: {
  context: CommandContext;
  options: OperationOptions;
  operation: OperationCommand;
}): Promise<ExitCode> {
  const { context, options, operation } = input;
  const operate = operation.operate(options.note ?? '');
  const { settings, temporalAddress } = commandSettings({ context, needs: ['accounts'] });
  const results = await withClient(temporalAddress, async (client) => {
    const ids = await operatedIds({ client, options, accounts: settings.accounts });
    return Promise.all(ids.map(async (scheduleId) => ({ scheduleId, found: await operate(client, scheduleId) })));
  });
  if (options.json) context.output.printJson(results);
  for (const { scheduleId, found } of options.json ? [] : results) {
    context.output.print(`${scheduleId}: ${found ? operation.done : 'there is none'}`);
  }
  return results.every(({ found }) => found) ? EXIT.done : EXIT.failed;
}

async function apply(context: CommandContext, options: ScheduleOptions): Promise<ExitCode> {
  const target = targetOf(context, options);
  const { applied, command } = await applyAll(target);
  noteWarnings({ output: context.output, warnings: scheduleWarnings(target.accounts) });
  if (command !== null) {
    context.output.note(`Search attributes cannot be registered here. Have an administrator run:\n  ${command}`);
  }
  if (options.json) context.output.printJson(applied);
  for (const { scheduleId, action, paused } of options.json ? [] : applied) {
    context.output.print(`${scheduleId}: ${action}${paused ? ', still paused' : ''}`);
  }
  return EXIT.done;
}

async function show(context: CommandContext, options: ScheduleOptions): Promise<ExitCode> {
  const schedules = await showSchedules(targetOf(context, options));
  if (options.json) {
    context.output.printJson(schedules);
    return EXIT.done;
  }
  context.output.printTable({
    head: ['schedule', 'state', 'every', 'last', 'next', 'note'],
    rows: schedules.map(({ scheduleId, state, intervalMs, lastAt, nextAt, note }) => [
      scheduleId,
      state,
      everyText({ state, intervalMs }),
      lastAt?.toISOString() ?? '',
      nextAt?.toISOString() ?? '',
      note ?? '',
    ]),
  });
  return EXIT.done;
}

/** The nightly sweep goes by the calendar, so that it stays at its hour when the clocks change. */
function everyText({ state, intervalMs }: Pick<ShownSchedule, 'state' | 'intervalMs'>): string {
  if (intervalMs !== null) return prettyMilliseconds(intervalMs);
  return state === 'missing' ? '' : 'night';
}

/** An account that is in no settings any more may still have schedules, which somebody wants to be rid of. */
async function operatedIds(input: {
  client: Client;
  options: ScheduleOptions;
  accounts: readonly Account[];
}): Promise<string[]> {
  const { client, options, accounts } = input;
  const leftBehind = options.account === undefined ? [] : await scheduleIdsFor(client, options.account);
  const chosen = options.account === undefined ? accounts : accounts.filter(({ name }) => name === options.account);
  const wanted = chosen.flatMap(schedulesOf).map(({ scheduleId }) => scheduleId);
  const ids = [...new Set([...wanted, ...leftBehind])];
  if (ids.length === 0) selectAccount({ accounts, name: options.account });
  return ids;
}

function targetOf(context: CommandContext, options: ScheduleOptions): Target {
  const { settings, temporalAddress } = commandSettings({ context, needs: ['some-account'] });
  const { accounts } = settings;
  return {
    temporalAddress,
    accounts: options.account === undefined ? accounts : [selectAccount({ accounts, name: options.account })],
  };
}
