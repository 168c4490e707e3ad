import { Option } from 'commander';
import type { TranscriptStatus } from '../domain/transcripts/transcript.js';
import { count } from '../domain/count.js';
import { selectAccount } from '../settings/select-account.js';
import { startTranscripts } from '../temporal/runs/account-workflows.js';
import {
  doingLine,
  looksLine,
  heldLanesLine,
  transcriptsProgressQuery,
  type TranscriptsProgress,
  type TranscriptsResult,
} from '../workflows/transcripts/transcripts-progress.js';
import { commandSettings, type CommandContext, type WaitOptions, type Register } from './kit/context.js';
import { withExamples, accountOption, waitOption } from './kit/help.js';
import type { ExitCode } from './kit/exit-codes.js';
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

interface TranscriptsOptions extends WaitOptions {
  readonly retry?: RetriedStatus;
}

export const register: Register = (command, context) => {
  command
    .description('Fetch the transcripts of the account that are due now. Needs a running worker.')
    .addOption(accountOption())
    .addOption(
      new Option('--retry <status>', 'first reset transcripts with this status to pending, due now').choices(
        RETRIED_STATUSES,
      ),
    )
    .addOption(waitOption())
    .action(context.action((options: TranscriptsOptions) => runTranscripts(context, options)));
  withExamples(command, {
    others: [
      'callweave transcripts --wait # end when no transcript is due',
      'callweave transcripts --retry expired # look again for those that were late',
    ],
  });
};

async function runTranscripts(context: CommandContext, options: TranscriptsOptions): Promise<ExitCode> {
  const { output } = context;
  const { settings, ...servers } = commandSettings({
    context,
    needs: ['accounts', 'mongodb', 'temporal'],
  });
  const account = selectAccount({ accounts: settings.accounts, name: options.account }).name;
  const { retry: status } = options;
  /** Resets what is to be retried. Only once Temporal answers, so that a failed command has changed nothing. */
  const reset = async (): Promise<void> => {
    if (status === undefined) return;
    const retried = await withStoreToWrite(settings.mongodb, (store) =>
      store.transcripts.retry({ account, status, now: new Date() }),
    );
    output.note(`${count(retried, 'transcript')} with the status ${status}: pending again, due now`);
  };
  return runWorkflow({
    ...servers,
    output,
    options,
    account,
    start: async (client) => {
      await reset();
      return startTranscripts(client, account);
    },
    query: transcriptsProgressQuery,
    progressLine,
    result: (result) => `${result.account}: ${looksLine(result.looks)}; ${remainder(result)}`,
    goesOn: 'The fetching continues in the background; `callweave status` shows the transcripts.',
  });
}

function remainder({ account, rests }: TranscriptsResult): string {
  if (rests.length === 0) return 'none is due now';
  const retry = `\`callweave transcripts --account ${account} --retry forbidden\` asks for them at once`;
  return `no other is due now; ${heldLanesLine(rests)}: ${retry}`;
}

function progressLine(progress: TranscriptsProgress): string {
  const { account, looks, rests } = progress;
  return [`${account}: ${looksLine(looks)}`, doingLine(progress), heldLanesLine(rests)]
    .filter((part) => part !== '')
    .join('; ');
}
