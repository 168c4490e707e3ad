import { InvalidArgumentError } from 'commander';
import {
  applyToAccounts,
  operateSchedules,
  planForAccounts,
  shownSchedules,
  unknownSchedulesMessage,
  type Operate,
  type ShownSchedule,
} from '../operations/schedules.js';
import { selectAccount } from '../settings/select-account.js';
import type { Account } from '../settings/settings.js';
import { withClient, type TemporalAddress } from '../temporal/server/connect.js';
import type { OwnSchedule } from '../temporal/schedules/own-schedules.js';
import {
  pauseSchedule,
  removeSchedule,
  resumeSchedule,
  scheduleWarnings,
  triggerSchedule,
} from '../temporal/schedules/schedules.js';
import { ensureSearchAttributes } from '../temporal/server/search-attributes.js';
import {
  accountOption,
  commandSettings,
  noteWarnings,
  type CommandContext,
  type CommonOptions,
} from './kit/context.js';
import { EXIT, type ExitCode } from './kit/exit-codes.js';
import type { Register } from './kit/frame.js';
import { exactDuration } from './kit/text.js';

interface ScheduleOptions extends CommonOptions {
  readonly account?: string;
}

interface ApplyOptions extends ScheduleOptions {
  readonly dryRun?: true;
  readonly prune?: true;
}

interface Target {
  /** All that are set. */
  readonly accounts: readonly Account[];
  readonly chosen: readonly Account[];
  readonly temporalAddress: TemporalAddress;
}

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
    .option('--dry-run', 'say what would change, and change nothing')
    .option('--prune', 'also remove the schedules of accounts that are not set; what runs goes on to its end')
    .action(context.action((options: ApplyOptions) => apply(context, options)));
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
      subcommand.option('--note <text>', 'shown with the schedule', readNote, `by callweave schedule ${name}`);
  }
};

/** Temporal takes an empty note for no order at all, and would leave the schedule as it is. */
function readNote(text: string): string {
  if (text.trim() !== '') return text;
  throw new InvalidArgumentError('It takes a text that is not blank.');
}

async function runOperation(input: {
  context: CommandContext;
  options: OperationOptions;
  operation: OperationCommand;
}): Promise<ExitCode> {
  const { context, options, operation } = input;
  const operate = operation.operate(options.note ?? '');
  const { settings, temporalAddress } = commandSettings({ context, needs: ['accounts', 'temporal'] });
  const { accounts } = settings;
  const results = await withClient(temporalAddress, (client) =>
    operateSchedules({ client, accounts, name: options.account, operate }),
  );
  if (options.json) context.output.printJson(results);
  for (const { scheduleId, found } of options.json ? [] : results) {
    context.output.print(`${scheduleId}: ${found ? operation.done : 'there is none'}`);
  }
  return results.every(({ found }) => found) ? EXIT.done : EXIT.failed;
}

async function apply(context: CommandContext, options: ApplyOptions): Promise<ExitCode> {
  const { output } = context;
  const { temporalAddress, accounts, chosen } = targetOf(context, options);
  const prune = options.prune ?? false;
  return withClient(temporalAddress, async (client) => {
    noteWarnings({ output, warnings: scheduleWarnings(chosen) });
    if (options.dryRun) {
      const { results, unknown } = await planForAccounts({ client, accounts, chosen, prune });
      warnOfUnknown(output, unknown);
      if (options.json) output.printJson(results);
      for (const { scheduleId, action, changes } of options.json ? [] : results) {
        output.print([`${scheduleId}: ${action}`, ...changes.map((change) => `  ${change}`)].join('\n'));
      }
      return EXIT.done;
    }
    const command = await ensureSearchAttributes(client);
    if (command !== null) {
      output.note(`Search attributes cannot be registered here. Have an administrator run:\n  ${command}`);
    }
    const { results, unknown } = await applyToAccounts({ client, accounts, chosen, prune });
    warnOfUnknown(output, unknown);
    if (options.json) output.printJson(results);
    for (const { scheduleId, action, paused, reason } of options.json ? [] : results) {
      output.print(`${scheduleId}: ${action}${paused ? ', still paused' : ''}${reason ? `: ${reason}` : ''}`);
    }
    return results.some(({ action }) => action === 'refused') ? EXIT.failed : EXIT.done;
  });
}

function warnOfUnknown(output: CommandContext['output'], unknown: readonly OwnSchedule[]): void {
  if (unknown.length > 0) output.warn(unknownSchedulesMessage(unknown));
}

async function show(context: CommandContext, options: ScheduleOptions): Promise<ExitCode> {
  const { temporalAddress, chosen } = targetOf(context, options);
  const schedules = await withClient(temporalAddress, async (client) =>
    (await Promise.all(chosen.map((account) => shownSchedules(client, account)))).flat(),
  );
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

/** The nightly reconcile goes by the calendar, so that it stays at its hour when the clocks change. */
function everyText({ state, intervalMs }: Pick<ShownSchedule, 'state' | 'intervalMs'>): string {
  if (intervalMs !== null) return exactDuration(intervalMs / 1_000);
  return state === 'missing' ? '' : 'night';
}

function targetOf(context: CommandContext, options: ScheduleOptions): Target {
  const { settings, temporalAddress } = commandSettings({ context, needs: ['some-account', 'temporal'] });
  const { accounts } = settings;
  return {
    temporalAddress,
    accounts,
    chosen: options.account === undefined ? accounts : [selectAccount({ accounts, name: options.account })],
  };
}
