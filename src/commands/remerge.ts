import type { Days } from '../domain/days/days.js';
import { UsageError } from '../settings/errors.js';
import { hasIntake, selectAccount } from '../settings/select-account.js';
import type { Account } from '../settings/settings.js';
import { startRemerge } from '../temporal/runs/repairs.js';
import { remergeLine, remergeProgressQuery, type RemergeProgress } from '../workflows/repair/repair-progress.js';
import { accountOption, commandSettings, type CommandContext, type CommonOptions } from './kit/context.js';
import { readDays, requireTimeZone } from './kit/day-range.js';
import type { ExitCode } from './kit/exit-codes.js';
import type { Register } from './kit/frame.js';
import { runWorkflow } from './kit/run-workflow.js';

interface RemergeOptions extends CommonOptions {
  readonly account?: string;
  readonly from?: string;
  readonly to?: string;
  readonly wait?: true;
}

export const registerRemerge: Register = (command, context) => {
  command
    .description('Computes documents anew from their stored rows, without the API, and writes those that change.')
    .addOption(accountOption())
    .option('--from <day>', 'only calls from this day on, YYYY-MM-DD, in the zone of the token; in UTC for Credira')
    .option('--to <day>', 'only calls up to this day')
    .option('--wait', 'show its progress and end with its result; Ctrl-C leaves it running')
    .action(context.action((options: RemergeOptions) => runRemerge(context, options)));
};

async function runRemerge(context: CommandContext, options: RemergeOptions): Promise<ExitCode> {
  const { output } = context;
  const { settings, ...servers } = commandSettings({ context, needs: ['accounts', 'temporal'] });
  const selected = selectRemerged(settings.accounts, options.account);
  const account = selected.name;
  const days = daysOf(options, selected);
  return runWorkflow({
    ...servers,
    output,
    options,
    account,
    start: (client) => startRemerge(client, { account, window: days }),
    remark: ({ attached }) => {
      if (attached) output.note('It keeps to the days it was started with.');
    },
    query: remergeProgressQuery,
    progressLine,
    result: progressLine,
    goesOn: 'The remerge goes on; the same command with --wait attaches to it.',
  });
}

/** Of any source where it is named; else the only feed of transactions, which is what most have. */
function selectRemerged(accounts: readonly Account[], name: string | undefined): Account {
  const isFeedMeant = name === undefined && accounts.some((account) => hasIntake(account, 'feed'));
  return selectAccount({ accounts, name, ...(isFeedMeant && { intake: 'feed' }) });
}

/** Null for all calls. */
function daysOf({ from, to }: RemergeOptions, account: Account): Days | null {
  if (from === undefined && to === undefined) return null;
  if (from !== undefined && to !== undefined) {
    const timeZone = requireTimeZone(account);
    return readDays({ from, to, now: new Date(), timeZone });
  }
  throw new UsageError('--from and --to go together: give both, or neither for all calls');
}

function progressLine(progress: RemergeProgress): string {
  return `${progress.account}: ${remergeLine(progress)}`;
}
