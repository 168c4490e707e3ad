import type { Command } from 'commander';
import { splitDays } from '../../domain/days/days.js';
import type { DayProbe } from '../../domain/days/probe-days.js';
import { dryRunOf, planDryRun } from '../../operations/dry-run.js';
import { withStore } from '../../operations/with-store.js';
import { selectAccount } from '../../settings/select-account.js';
import type { Account, InvocaAccount } from '../../settings/settings.js';
import { startBackfill, startEstimate, type StartedBackfill } from '../../temporal/runs/backfills.js';
import {
  backfillLine,
  backfillProgressQuery,
  resultLine,
  estimateProgressQuery,
  probesLine,
  type BackfillOptions,
} from '../../workflows/backfill/backfill-progress.js';
import { withClient, type TemporalAddress } from '../../temporal/server/connect.js';
import { backfillWorkflowId, daysText } from '../../workflows/ids.js';
import { waitForWorkflow } from '../kit/wait-for-workflow.js';
import { dryRunText } from './dry-run-text.js';
import { addBackfillOptions, saidOptions, type BackfillCommandOptions } from './backfill-options.js';
import { addSteeringCommands } from './backfill-steering.js';
import { optionsLine } from './backfill-text.js';
import { commandSettings, type CommandContext, type Register } from '../kit/context.js';
import { confirmManyDays, readDays, requireTimeZone } from '../kit/day-range.js';
import { withDocuments } from '../kit/documents.js';
import { withExamples } from '../kit/help.js';
import { EXIT, type ExitCode } from '../kit/exit-codes.js';
import type { Output } from '../kit/output.js';
import { runWorkflow } from '../kit/run-workflow.js';

export const register: Register = (command, context) => {
  addBackfillOptions(command)
    .description(
      'Load past days: read their calls from the source, window by window, or attach to the running backfill of the ' +
        'same days. Needs --from, --to and a running worker. Does not touch the live cursor. With --dry-run, only read one ' +
        'page of each of at most seven days, and estimate rows, requests and time. Asks for confirmation if the range is ' +
        'longer than three years.',
    )
    .action(context.action((given: BackfillCommandOptions) => backfill({ context, command, given })));
  withExamples(command, {
    reads: ['callweave backfill --from 2025-03-01 --to 2025-03-31 --dry-run', 'callweave backfill list'],
    others: ['callweave backfill --from 2025-03-01 --to 2025-03-31 --wait'],
  });
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
    json: withDocuments,
    goesOn: `The backfill continues in the background; \`callweave backfill show ${backfillWorkflowId(options)}\` shows its progress.`,
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
    output.note('The dry run was interrupted before all days were looked at, so there is no estimate.');
    return EXIT.failed;
  }
  const result = dryRunOf(planned, probes);
  if (given.json) output.printJson(result);
  else output.print(dryRunText(result));
  return EXIT.done;
}

/** Asks for one page of each of the days; null if the operator did not wait for the answers. */
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

/**
 * Returns the account and the options of a backfill.
 * @throws UsageError if no account fits or it has no time zone, or if the days are missing or wrong
 */
function readBackfill(
  accounts: readonly Account[],
  given: BackfillCommandOptions,
): { feed: InvocaAccount; timeZone: string; options: BackfillOptions } {
  const feed = selectAccount({ accounts, name: given.account, intake: 'feed' });
  const { from, to, window: windowDays, parallel, reprocess, transcripts, newestFirst = false } = given;
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
  context.output.warn(
    'the options given now differ and are ignored: change the running backfill with `callweave backfill set-parallel`, or cancel it first',
  );
}
