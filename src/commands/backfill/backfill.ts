import type { Command } from 'commander';
import { splitDays } from '../../domain/days/days.js';
import type { DayProbe } from '../../domain/days/probe-days.js';
import { dryRunOf, planDryRun } from '../../operations/dry-run.js';
import { withStore } from '../../operations/with-store.js';
import { UsageError } from '../../settings/errors.js';
import { selectAccount } from '../../settings/select-account.js';
import type { Account, InvocaAccount } from '../../settings/settings.js';
import { startBackfill, startEstimate, type StartedBackfill } from '../../temporal/runs/backfills.js';
import {
  backfillLine,
  backfillProgressQuery,
  resultLine,
  type BackfillOptions,
  estimateProgressQuery,
  probesLine,
} from '../../workflows/backfill/backfill-progress.js';
import { withClient, type TemporalAddress } from '../../temporal/server/connect.js';
import { backfillWorkflowId, daysText } from '../../workflows/ids.js';
import { waitForWorkflow } from '../kit/wait-for-workflow.js';
import { dryRunText } from './dry-run-text.js';
import { addBackfillOptions, saidOptions, type BackfillCommandOptions } from './backfill-options.js';
import { addSteeringCommands } from './backfill-steering.js';
import { optionsLine } from './backfill-text.js';
import { commandSettings, type CommandContext } from '../kit/context.js';
import { confirmManyDays, readDays, requireTimeZone } from '../kit/day-range.js';
import { EXIT, type ExitCode } from '../kit/exit-codes.js';
import type { Register } from '../kit/frame.js';
import type { Output } from '../kit/output.js';
import { runWorkflow } from '../kit/run-workflow.js';

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
    return dryRun({ context, given });
  }
  const { settings, ...servers } = commandSettings({ context, needs: ['accounts', 'temporal'] });
  const { options } = readBackfill(settings.accounts, given);
  const requests = splitDays(options).length;
  if (!(await confirmManyDays({ days: options, requests, isConfirmed: given.yes === true }))) return EXIT.failed;

  return runWorkflow({
    ...servers,
    output: context.output,
    options: given,
    account: options.account,
    start: (client) => startBackfill(client, options),
    details: (started) => ({ options: started.options }),
    remark: (started) => {
      noteOptions({ context, started, said: saidOptions(command, options) });
    },
    query: backfillProgressQuery,
    progressLine: backfillLine,
    result: (result) => `${result.account}, ${daysText(result)}: ${result.state}; ${resultLine(result)}`,
    goesOn: `The backfill goes on; \`callweave backfill show ${backfillWorkflowId(options)}\` tells how far it is.`,
    exitCode: ({ state }) => (state === 'completed' ? EXIT.done : EXIT.failed),
  });
}

async function dryRun({
  context,
  given,
}: {
  context: CommandContext;
  given: BackfillCommandOptions;
}): Promise<ExitCode> {
  const { output } = context;
  const { settings, temporalAddress } = commandSettings({ context, needs: ['accounts', 'mongodb', 'temporal'] });
  const { feed, timeZone, options } = readBackfill(settings.accounts, given);
  const planned = await withStore(settings.mongodb, (store) => planDryRun({ store, feed, timeZone, options }));
  const probes = await probe({ output, temporalAddress, options, days: planned.daysToProbe });
  if (probes === null) {
    output.note('The days were not all looked at, so nothing can be said.');
    return EXIT.failed;
  }
  const result = dryRunOf(planned, probes);
  if (given.json) output.printJson(result);
  else output.print(dryRunText(result));
  return EXIT.done;
}

/** Asks for one page of each of the days; null if the person at the terminal did not wait for it. */
async function probe(asked: {
  output: Output;
  temporalAddress: TemporalAddress;
  options: BackfillOptions;
  days: readonly string[];
}): Promise<readonly DayProbe[] | null> {
  const { output, days } = asked;
  const { account, from, to } = asked.options;
  if (days.length === 0) return [];
  return withClient(asked.temporalAddress, async (client) => {
    const handle = await startEstimate(client, { account, days: { from, to }, probed: days });
    return waitForWorkflow({ handle, output, query: estimateProgressQuery, describe: probesLine });
  });
}

/** @throws UsageError for an account without days, and days that cannot be */
function readBackfill(
  accounts: readonly Account[],
  given: BackfillCommandOptions,
): { feed: InvocaAccount; timeZone: string; options: BackfillOptions } {
  const feed = selectAccount({ accounts, name: given.account, intake: 'feed' });
  const { from, to, window: windowDays, parallel, reprocess, transcripts, newestFirst = false } = given;
  // Not required by commander, which would ask the subcommands for them too.
  if (from === undefined || to === undefined) throw new UsageError('which days? Say --from and --to');
  const timeZone = requireTimeZone(feed);
  const range = { account: feed.name, ...readDays({ from, to, now: new Date(), timeZone }) };
  return { feed, timeZone, options: { ...range, windowDays, parallel, newestFirst, reprocess, transcripts } };
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
