import { selectAccount } from '../settings/select-account.js';
import { startDrain } from '../temporal/runs/account-workflows.js';
import {
  countsLine,
  drainProgressQuery,
  type DrainProgress,
  type DrainResult,
} from '../workflows/feed/drain-progress.js';
import { waitLine } from '../workflows/progress.js';
import { accountOption, commandSettings, type CommandContext, type CommonOptions } from './kit/context.js';
import type { ExitCode } from './kit/exit-codes.js';
import type { Register } from './kit/frame.js';
import { runWorkflow } from './kit/run-workflow.js';

interface DrainOptions extends CommonOptions {
  readonly account?: string;
  readonly wait?: true;
}

export const registerDrain: Register = (command, context) => {
  command
    .description('Starts a live drain of the account now, or attaches to the one that runs.')
    .addOption(accountOption())
    .option('--wait', 'show its progress and end with its result; Ctrl-C leaves it running')
    .action(context.action((options: DrainOptions) => runDrain(context, options)));
};

async function runDrain(context: CommandContext, options: DrainOptions): Promise<ExitCode> {
  const { settings, ...servers } = commandSettings({ context, needs: ['accounts', 'temporal'] });
  const account = selectAccount({ ...settings, name: options.account, intake: 'feed' }).name;
  return runWorkflow({
    ...servers,
    output: context.output,
    options,
    account,
    start: (client) => startDrain(client, account),
    query: drainProgressQuery,
    progressLine,
    result: resultLine,
    goesOn: 'The drain goes on; `callweave status` tells how far it is.',
  });
}

function resultLine(result: DrainResult): string {
  const left = result.ended === 'cursor-moved' ? '; left to another drain, which moved the cursor' : '';
  return `${result.account}: ${countsLine(result)}; cursor ${result.cursor ?? '(start of the feed)'}${left}`;
}

function progressLine({ account, waiting, ...counts }: DrainProgress): string {
  return `${account}: ${countsLine(counts)}${waiting === null ? '' : `; ${waitLine(waiting)}`}`;
}
