import type { Command } from 'commander';
import type { Window } from '../../domain/days/days.js';
import { splitDays } from '../../domain/days/days.js';
import { UsageError } from '../../settings/errors.js';
import { selectAccount } from '../../settings/select-account.js';
import type { Account, InvocaAccount } from '../../settings/settings.js';
import { startBackfill, type BackfillHandle, type StartedBackfill } from '../../temporal/runs/backfills.js';
import { withClient } from '../../temporal/server/connect.js';
import {
  backfillLine,
  backfillProgressQuery,
  resultLine,
  type BackfillOptions,
} from '../../workflows/backfill/backfill-progress.js';
import { rangeOf } from '../../workflows/ids.js';
import { announceStart } from '../kit/announce-start.js';
import { dryRunBackfill } from './backfill-dry-run.js';
import { addBackfillOptions, saidOptions, type BackfillCommandOptions } from './backfill-options.js';
import { addSteeringCommands } from './backfill-steering.js';
import { optionsLine } from './backfill-text.js';
import { commandSettings, type CommandContext } from '../kit/context.js';
import { confirmManyDays, readDayRange } from '../kit/day-range.js';
import { EXIT, type ExitCode } from '../kit/exit-codes.js';
import type { Register } from '../kit/frame.js';
import { waitForWorkflow } from '../kit/wait-for-workflow.js';

export const registerBackfill: Register = (command, context) => {
  addBackfillOptions(command)
    .description(
      'Reads the calls of these days from the source, window by window beside the live drain, or attaches to the backfill ' +
        'of the same days that runs. The live cursor is not touched.',
    )
    .action(context.action((given: BackfillCommandOptions) => backfill({ context, command, given })));
  addSteeringCommands(command, context);
};

async function backfill(input: {
  context: CommandContext;
  command: Command;
  given: BackfillCommandOptions;
}): Promise<ExitCode> {
  const { context, command, given } = input;
  if (given.dryRun) {
    const { settings, temporalAddress } = commandSettings({ context, needs: ['accounts', 'mongodb', 'temporal'] });
    const { feed, options } = readBackfill(settings.accounts, given);
    return dryRunBackfill({ ...context, ...settings, temporalAddress, feed, options, json: given.json === true });
  }
  const { settings, temporalAddress, devInstance } = commandSettings({ context, needs: ['accounts', 'temporal'] });
  const { options } = readBackfill(settings.accounts, given);
  const requests = splitDays(options).length;
  if (!(await confirmManyDays({ window: options, requests, isConfirmed: given.yes === true }))) return EXIT.failed;

  const { output } = context;
  return withClient(temporalAddress, async (client) => {
    const started = await startBackfill(client, options);
    const about = { account: options.account, details: { options: started.options }, isResult: !given.wait };
    await announceStart({ output, started, temporalAddress, devInstance, options: given, ...about });
    noteOptions({ context, started, said: saidOptions(command, options) });
    return given.wait ? waitForBackfill({ context, given, handle: started.handle }) : EXIT.done;
  });
}

/** @throws UsageError for an account without days, and days that cannot be */
function readBackfill(
  accounts: readonly Account[],
  given: BackfillCommandOptions,
): { feed: InvocaAccount; options: BackfillOptions } {
  const feeds = accounts.filter((account) => account.source === 'invoca');
  const feed = selectAccount({ accounts: feeds, name: given.account });
  const { window: windowDays, parallel, reprocess, transcripts, newestFirst = false } = given;
  const range = { account: feed.name, ...readRange(feed, given) };
  return { feed, options: { ...range, windowDays, parallel, newestFirst, reprocess, transcripts } };
}

function readRange(feed: InvocaAccount, { from, to }: BackfillCommandOptions): Window {
  // Not required by commander, which would ask the subcommands for them too.
  if (from === undefined || to === undefined) throw new UsageError('which days? Say --from and --to');
  return readDayRange({ from, to, now: new Date(), timeZone: feed.timeZone, account: feed.name });
}

function noteOptions(input: {
  context: CommandContext;
  started: StartedBackfill;
  said: Partial<BackfillOptions>;
}): void {
  const { context, started, said } = input;
  const running = optionsLine(started.options);
  context.output.note(`${started.attached ? 'It runs with' : 'Options'}: ${running}`);
  if (running === optionsLine({ ...started.options, ...said })) return;
  context.output.warn('these are not the options given now, which are not used: cancel it first, or steer it');
}

async function waitForBackfill(input: {
  context: CommandContext;
  given: BackfillCommandOptions;
  handle: BackfillHandle;
}): Promise<ExitCode> {
  const { handle, given } = input;
  const { output } = input.context;
  const query = backfillProgressQuery;
  const result = await waitForWorkflow({ handle, output, query, describe: backfillLine });
  if (result === null) {
    output.note(`The backfill goes on; \`callweave backfill show ${handle.workflowId}\` tells how far it is.`);
    return EXIT.done;
  }
  if (given.json) output.printJson(result);
  else output.print(`${result.account}, ${rangeOf(result)}: ${result.state}; ${resultLine(result)}`);
  return result.state === 'completed' ? EXIT.done : EXIT.failed;
}
