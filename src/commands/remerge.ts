import type { Days } from '../domain/days/days.js';
import { UsageError } from '../settings/errors.js';
import { selectFeedFirst } from '../settings/select-account.js';
import type { Account } from '../settings/settings.js';
import { startRemerge } from '../temporal/runs/repairs.js';
import { remergeLine, remergeProgressQuery, type RemergeProgress } from '../workflows/repair/repair-progress.js';
import { commandSettings, type CommandContext, type WaitOptions, type Register } from './kit/context.js';
import { readDays, requireTimeZone } from './kit/day-range.js';
import { withExamples, accountOption, fromOption, toOption, waitOption } from './kit/help.js';
import type { ExitCode } from './kit/exit-codes.js';
import { runWorkflow } from './kit/run-workflow.js';

interface RemergeOptions extends WaitOptions {
  readonly from?: string;
  readonly to?: string;
}

export const register: Register = (command, context) => {
  command
    .description(
      'Recompute documents from their stored rows and write those that change: all of the account, or only those of ' +
        'calls that started on the days given (UTC days for Credira). Needs a running worker, and no API.',
    )
    .addOption(accountOption())
    .addOption(fromOption())
    .addOption(toOption())
    .addOption(waitOption())
    .action(context.action((options: RemergeOptions) => runRemerge(context, options)));
  withExamples(command, {
    others: ['callweave remerge --wait', 'callweave remerge --from 2025-03-01 --to 2025-03-31 --wait'],
  });
};

async function runRemerge(context: CommandContext, options: RemergeOptions): Promise<ExitCode> {
  const { output } = context;
  const { settings, ...servers } = commandSettings({ context, needs: ['accounts', 'temporal'] });
  const selected = selectFeedFirst({ accounts: settings.accounts, name: options.account });
  const account = selected.name;
  const days = daysOf(options, selected);
  return runWorkflow({
    ...servers,
    output,
    options,
    account,
    start: (client) => startRemerge(client, { account, window: days }),
    remark: ({ attached }) => {
      if (attached) output.note('It covers the days it was started with, not the ones given now.');
    },
    query: remergeProgressQuery,
    progressLine,
    result: progressLine,
    goesOn: 'The remerge continues in the background; the same command with --wait attaches to it.',
  });
}

/** Returns the days of the options; null means all calls. */
function daysOf({ from, to }: RemergeOptions, account: Account): Days | null {
  if (from === undefined && to === undefined) return null;
  if (from !== undefined && to !== undefined) {
    const timeZone = requireTimeZone(account);
    return readDays({ from, to, now: new Date(), timeZone });
  }
  throw new UsageError('--from and --to must be given together: give both, or neither for all calls');
}

function progressLine(progress: RemergeProgress): string {
  return `${progress.account}: ${remergeLine(progress)}`;
}
