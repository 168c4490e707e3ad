import { selectAccount } from '../settings/select-account.js';
import { startDrain, type DrainHandle } from '../temporal/runs/account-workflows.js';
import { withClient } from '../temporal/server/connect.js';
import {
  countsLine,
  drainProgressQuery,
  type DrainProgress,
  type DrainResult,
} from '../workflows/feed/drain-progress.js';
import { waitLine } from '../workflows/wait.js';
import { accountOption, commandSettings, type CommandContext, type CommonOptions } from './kit/context.js';
import { EXIT, type ExitCode } from './kit/exit-codes.js';
import type { Register } from './kit/frame.js';
import { announceStart } from './kit/announce-start.js';
import { waitForWorkflow } from './kit/wait-for-workflow.js';

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
  const { settings, temporalAddress, devInstance } = commandSettings({ context, needs: ['accounts', 'temporal'] });
  const feeds = settings.accounts.filter(({ source }) => source === 'invoca');
  const account = selectAccount({ accounts: feeds, name: options.account }).name;
  return withClient(temporalAddress, async (client) => {
    const started = await startDrain(client, account);
    const { output } = context;
    await announceStart({ output, started, account, temporalAddress, devInstance, isResult: !options.wait, options });
    return options.wait ? waitForDrain({ context, options, handle: started.handle }) : EXIT.done;
  });
}

async function waitForDrain(input: {
  context: CommandContext;
  options: DrainOptions;
  handle: DrainHandle;
}): Promise<ExitCode> {
  const { output } = input.context;
  const result = await waitForWorkflow({
    handle: input.handle,
    output,
    query: drainProgressQuery,
    describe: progressLine,
  });
  if (result === null) output.note('The drain goes on; `callweave status` tells how far it is.');
  else if (input.options.json) output.printJson(result);
  else output.print(resultLine(result));
  return EXIT.done;
}

function resultLine(result: DrainResult): string {
  const left = result.ended === 'cursor-moved' ? '; left to another drain, which moved the cursor' : '';
  return `${result.account}: ${countsLine(result)}; cursor ${result.cursor ?? '(start of the feed)'}${left}`;
}

function progressLine({ account, waiting, ...counts }: DrainProgress): string {
  return `${account}: ${countsLine(counts)}${waiting === null ? '' : `; ${waitLine(waiting)}`}`;
}
