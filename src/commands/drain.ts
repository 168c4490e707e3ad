import { selectAccount } from '../settings/select-account.js';
import { startDrain } from '../temporal/runs/account-workflows.js';
import {
  countsLine,
  drainProgressQuery,
  type DrainProgress,
  type DrainResult,
} from '../workflows/feed/drain-progress.js';
import { waitLine } from '../workflows/progress.js';
import { commandSettings, type CommandContext, type WaitOptions, type Register } from './kit/context.js';
import { withDocuments } from './kit/documents.js';
import { withExamples, accountOption, waitOption } from './kit/help.js';
import type { ExitCode } from './kit/exit-codes.js';
import { runWorkflow } from './kit/run-workflow.js';

export const register: Register = (command, context) => {
  command
    .description(
      'Start a live drain of the account, or attach to the one that runs: it reads all new rows and moves the live cursor. ' +
        'Needs a running worker.',
    )
    .addOption(accountOption())
    .addOption(waitOption())
    .action(context.action((options: WaitOptions) => runDrain(context, options)));
  withExamples(command, {
    others: ['callweave drain # start it and print its workflow id', 'callweave drain --wait'],
  });
};

async function runDrain(context: CommandContext, options: WaitOptions): Promise<ExitCode> {
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
    json: withDocuments,
    goesOn: 'The drain continues in the background; `callweave status` shows its progress.',
  });
}

function resultLine(result: DrainResult): string {
  const left = result.ended === 'cursor-moved' ? '; another drain moved the cursor and continues' : '';
  return `${result.account}: ${countsLine(result)}; cursor ${result.cursor ?? '(start of the feed)'}${left}`;
}

function progressLine({ account, waiting, ...counts }: DrainProgress): string {
  return `${account}: ${countsLine(counts)}${waiting === null ? '' : `; ${waitLine(waiting)}`}`;
}
