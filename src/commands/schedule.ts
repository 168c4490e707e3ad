import type { Client } from '@temporalio/client';
import { InvalidArgumentError } from 'commander';
import {
  applyToAccounts,
  operateSchedules,
  planForAccounts,
  shownAlertSchedule,
  shownSchedules,
  unknownSchedulesMessage,
  type Operate,
  type ShownSchedule,
} from '../operations/schedules.js';
import { selectAccount } from '../settings/select-account.js';
import type { Account } from '../settings/settings.js';
import { describeTarget, withClient, type TemporalAddress } from '../temporal/server/connect.js';
import type { OwnSchedule } from '../temporal/schedules/own-schedules.js';
import {
  pauseSchedule,
  removeSchedule,
  resumeSchedule,
  triggerSchedule,
} from '../temporal/schedules/schedule-operations.js';
import { scheduleWarnings } from '../temporal/schedules/schedule-warnings.js';
import { attributesState, requireSearchAttributes } from '../temporal/server/search-attributes.js';
import {
  commandSettings,
  noteWarnings,
  type CommandContext,
  type AccountOptions,
  type Register,
} from './kit/context.js';
import { withExamples, dryRunOption, noteOption, onlyAccountOption } from './kit/help.js';
import { EXIT, type ExitCode } from './kit/exit-codes.js';
import { exactDuration } from './kit/text.js';

interface ApplyOptions extends AccountOptions {
  readonly dryRun?: true;
  readonly prune?: true;
}

interface Target {
  /** All accounts that are set. */
  readonly accounts: readonly Account[];
  readonly chosen: readonly Account[];
  /** True if the settings want the schedule of alerts; left out if one account is chosen. */
  readonly alerts?: boolean;
  readonly temporalAddress: TemporalAddress;
}

interface OperationOptions extends AccountOptions {
  readonly note?: string;
}

interface OperationCommand {
  readonly description: string;
  /** The result, as a word after the id of the schedule. */
  readonly done: string;
  readonly takesNote: boolean;
  readonly operate: (note: string) => Operate;
}

const OPERATIONS: Readonly<Record<string, OperationCommand>> = {
  pause: {
    description: 'Pause the schedules. Running workflows finish.',
    done: 'paused',
    takesNote: true,
    operate: (note) => (client, id) => pauseSchedule(client, id, note),
  },
  resume: {
    description: 'Resume paused schedules, so that they start their workflows again.',
    done: 'resumed',
    takesNote: true,
    operate: (note) => (client, id) => resumeSchedule(client, id, note),
  },
  trigger: {
    description: 'Start the workflows of the schedules now, except those that run already.',
    done: 'triggered',
    takesNote: false,
    operate: () => triggerSchedule,
  },
  remove: {
    description: 'Remove the schedules. Running workflows finish.',
    done: 'removed',
    takesNote: false,
    operate: () => removeSchedule,
  },
};

export const register: Register = (command, context) => {
  const apply = command
    .command('apply')
    .description(
      'Create the schedules, or update them to match the settings. Paused schedules stay paused. Also registers the search ' +
        'attributes that callweave needs.',
    )
    .addOption(onlyAccountOption())
    .addOption(dryRunOption())
    .option('--prune', 'also remove the schedules of accounts that are not in the settings')
    .action(context.action((options: ApplyOptions) => applySchedules(context, options)));
  const show = command
    .command('show')
    .description('Show the schedules that the settings ask for, with their state on the server.')
    .addOption(onlyAccountOption())
    .action(context.action((options: AccountOptions) => showSchedules(context, options)));
  withExamples(apply, { reads: ['callweave schedule apply --dry-run --prune'], others: ['callweave schedule apply'] });
  withExamples(show, { reads: ['callweave schedule show'] });
  withExamples(command, {
    reads: ['callweave schedule show'],
    others: ['callweave schedule pause --note "moving house"'],
  });
  for (const [name, operation] of Object.entries(OPERATIONS)) {
    const subcommand = command
      .command(name)
      .description(operation.description)
      .addOption(onlyAccountOption())
      .action(context.action((options: OperationOptions) => runOperation({ context, options, operation })));
    const defaultNote = `by callweave schedule ${name}`;
    if (operation.takesNote) subcommand.addOption(noteOption().argParser(readNote).default(defaultNote));
    withExamples(subcommand, {
      others: [`callweave schedule ${name}${operation.takesNote ? ' --note "moving house"' : ' --account sample'}`],
    });
  }
};

/** Refuses a blank note: Temporal ignores an empty one and leaves the schedule as it is. */
function readNote(text: string): string {
  if (text.trim() !== '') return text;
  throw new InvalidArgumentError('It must not be blank.');
}

async function runOperation(input: {
  context: CommandContext;
  options: OperationOptions;
  operation: OperationCommand;
}): Promise<ExitCode> {
  const { context, options, operation } = input;
  const operate = operation.operate(options.note ?? '');
  const { settings, temporalAddress } = commandSettings({ context, needs: ['accounts', 'temporal', 'alerts'] });
  const { accounts } = settings;
  const alerts = settings.alerts !== null;
  const results = await withClient(temporalAddress, (client) =>
    operateSchedules({ client, accounts, name: options.account, alerts, operate }),
  );
  if (options.json) context.output.printJson(results);
  for (const { scheduleId, found } of options.json ? [] : results) {
    context.output.print(`${scheduleId}: ${found ? operation.done : 'no such schedule'}`);
  }
  return results.every(({ found }) => found) ? EXIT.done : EXIT.failed;
}

async function applySchedules(context: CommandContext, options: ApplyOptions): Promise<ExitCode> {
  const { output } = context;
  const { temporalAddress, accounts, chosen, alerts } = targetOf(context, options);
  const prune = options.prune ?? false;
  return withClient(temporalAddress, async (client) => {
    noteWarnings({ output, warnings: scheduleWarnings(chosen) });
    if (options.dryRun) {
      await showPlan({
        context,
        options,
        client,
        target: { temporalAddress, accounts, chosen, ...(alerts !== undefined && { alerts }) },
      });
      return EXIT.done;
    }
    const advice = await requireSearchAttributes(client, describeTarget(temporalAddress).address);
    if (advice !== null) output.warn(advice);
    const { results, unknown } = await applyToAccounts({ client, accounts, chosen, prune, alerts });
    warnOfUnknown(output, unknown);
    if (options.json) output.printJson(results);
    for (const { scheduleId, action, paused, reason } of options.json ? [] : results) {
      output.print(`${scheduleId}: ${action}${paused ? ', still paused' : ''}${reason ? `: ${reason}` : ''}`);
    }
    return results.some(({ action }) => action === 'refused') ? EXIT.failed : EXIT.done;
  });
}

/** Shows what `schedule apply` would do, and changes nothing. */
async function showPlan(input: {
  context: CommandContext;
  options: ApplyOptions;
  client: Client;
  target: Target;
}): Promise<void> {
  const { context, options, client, target } = input;
  const { output } = context;
  const { temporalAddress, accounts, chosen, alerts } = target;
  const { missing } = await attributesState(client, describeTarget(temporalAddress).address);
  if (missing.length > 0) output.note(`would register the search attributes ${missing.join(', ')}`);
  const { results, unknown } = await planForAccounts({
    client,
    accounts,
    chosen,
    prune: options.prune ?? false,
    alerts,
  });
  warnOfUnknown(output, unknown);
  if (options.json) output.printJson(results);
  for (const { scheduleId, action, changes } of options.json ? [] : results) {
    const title = `${scheduleId}: ${action === 'none' ? 'no change' : action}`;
    output.print([title, ...changes.map((change) => `  ${change}`)].join('\n'));
  }
}

function warnOfUnknown(output: CommandContext['output'], unknown: readonly OwnSchedule[]): void {
  if (unknown.length > 0) output.warn(unknownSchedulesMessage(unknown));
}

async function showSchedules(context: CommandContext, options: AccountOptions): Promise<ExitCode> {
  const { temporalAddress, chosen, alerts } = targetOf(context, options);
  const schedules = await withClient(temporalAddress, async (client) => {
    const ofAccounts = (await Promise.all(chosen.map((account) => shownSchedules(client, account)))).flat();
    return alerts === true ? [...ofAccounts, await shownAlertSchedule(client)] : ofAccounts;
  });
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

/** Returns the interval. The nightly reconcile has none: it runs at a fixed local hour when the clocks change too. */
function everyText({ state, intervalMs }: Pick<ShownSchedule, 'state' | 'intervalMs'>): string {
  if (intervalMs !== null) return exactDuration(intervalMs / 1_000);
  return state === 'missing' ? '' : 'night';
}

function targetOf(context: CommandContext, options: AccountOptions): Target {
  const { settings, temporalAddress } = commandSettings({ context, needs: ['some-account', 'temporal', 'alerts'] });
  const { accounts } = settings;
  const { account: name } = options;
  if (name !== undefined) return { temporalAddress, accounts, chosen: [selectAccount({ accounts, name })] };
  return { temporalAddress, accounts, chosen: accounts, alerts: settings.alerts !== null };
}
