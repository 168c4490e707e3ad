import { Option } from 'commander';
import type { TranscriptStatus } from '../domain/transcripts/transcript.js';
import { count } from '../domain/count.js';
import { selectAccount } from '../settings/select-account.js';
import { startTranscripts } from '../temporal/runs/account-workflows.js';
import {
  looksLine,
  heldLanesLine,
  transcriptsProgressQuery,
  type TranscriptsProgress,
  type TranscriptsResult,
} from '../workflows/transcripts/transcripts-progress.js';
import { waitLine } from '../workflows/progress.js';
import { accountOption, commandSettings, type CommandContext, type CommonOptions } from './kit/context.js';
import type { ExitCode } from './kit/exit-codes.js';
import type { Register } from './kit/frame.js';
import { runWorkflow } from './kit/run-workflow.js';
import { withStoreToWrite } from '../operations/with-store.js';

type RetriedStatus = Exclude<TranscriptStatus, 'pending'>;

const RETRIED_STATUSES: readonly RetriedStatus[] = [
  'expired',
  'forbidden',
  'none',
  'gone',
  'too_large',
  'off',
  'available',
];

interface TranscriptsOptions extends CommonOptions {
  readonly account?: string;
  readonly retry?: RetriedStatus;
  readonly wait?: true;
}

export const registerTranscripts: Register = (command, context) => {
  command
    .description('Fetches the transcripts of the account that are due now.')
    .addOption(accountOption())
    .addOption(
      new Option('--retry <status>', 'first put those of this status back to pending, due now').choices(
        RETRIED_STATUSES,
      ),
    )
    .option('--wait', 'show the progress and end when none is due; Ctrl-C leaves it running')
    .action(context.action((options: TranscriptsOptions) => runTranscripts(context, options)));
};

async function runTranscripts(context: CommandContext, options: TranscriptsOptions): Promise<ExitCode> {
  const { output } = context;
  const { settings, ...servers } = commandSettings({
    context,
    needs: ['accounts', 'mongodb', 'temporal'],
  });
  const account = selectAccount({ accounts: settings.accounts, name: options.account }).name;
  const { retry: status } = options;
  if (status !== undefined) {
    const retried = await withStoreToWrite(settings.mongodb, (store) =>
      store.transcripts.retry({ account, status, now: new Date() }),
    );
    output.note(`${count(retried)} transcripts are pending again that were ${status}`);
  }
  return runWorkflow({
    ...servers,
    output,
    options,
    account,
    start: (client) => startTranscripts(client, account),
    query: transcriptsProgressQuery,
    progressLine,
    result: (result) => `${result.account}: ${looksLine(result.looks)}; ${remainder(result)}`,
    goesOn: 'The transcripts are fetched on; `callweave status` tells how many there are.',
  });
}

function remainder({ account, rests }: TranscriptsResult): string {
  if (rests.length === 0) return 'none is due now';
  const retry = `\`callweave transcripts --account ${account} --retry forbidden\` asks at once`;
  return `none else is due now; ${heldLanesLine(rests)}: ${retry}`;
}

function progressLine({ account, looks, inFlight, waiting, rests }: TranscriptsProgress): string {
  const doing = waiting === null ? `${inFlight} in flight` : waitLine(waiting);
  return [`${account}: ${looksLine(looks)}`, doing, heldLanesLine(rests)].filter((part) => part !== '').join('; ');
}
