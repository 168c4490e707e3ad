import { Option } from 'commander';
import { count } from '../../domain/count.js';
import { daysBetween, type Days } from '../../domain/days/days.js';
import { TOTALS_BY, type TotalsBy } from '../../domain/totals/totals.js';
import { countIncompleteDays, totalsOf } from '../../operations/totals.js';
import { withStore } from '../../operations/with-store.js';
import { UsageError } from '../../settings/errors.js';
import { selectFeedFirst } from '../../settings/select-account.js';
import { commandSettings, type AccountOptions, type CommandContext, type Register } from '../kit/context.js';
import { readDays, requireTimeZone } from '../kit/day-range.js';
import { EXIT, type ExitCode } from '../kit/exit-codes.js';
import { accountOption, fromOption, toOption, withExamples } from '../kit/help.js';
import { totalsCsv, totalsTable, totalsTitle } from './totals-text.js';

interface TotalsOptions extends AccountOptions {
  readonly from: string;
  readonly to: string;
  readonly by: TotalsBy;
  readonly format: 'table' | 'csv';
}

/** A hundred years, so that a mistyped year is no long run. */
const MOST_DAYS_BY_DAY = 36_600;

export const register: Register = (command, context) => {
  command
    .description(
      'Add up the stored calls that started on the days given, in the account’s time zone (UTC for Credira), to compare them ' +
        'with the source’s own reports. Calls without a known start are in every range. Reads MongoDB only.',
    )
    .addOption(fromOption().makeOptionMandatory())
    .addOption(toOption().makeOptionMandatory())
    .addOption(
      new Option('--by <key>', 'one line per day, month, campaign, result or true Signal')
        .choices(TOTALS_BY)
        .default('day'),
    )
    .addOption(
      new Option('--format <format>', 'table, or csv without the total').choices(['table', 'csv']).default('table'),
    )
    .addOption(accountOption())
    .action(context.action((options: TotalsOptions) => totals(context, options)));
  withExamples(command, {
    reads: [
      'callweave totals --from 2025-03-01 --to 2025-03-31',
      'callweave totals --from 2025-01-01 --to 2025-03-31 --by month --format csv > months.csv',
      'callweave totals --from 2025-03-01 --to 2025-03-31 --by signal --json',
    ],
  });
};

async function totals(context: CommandContext, options: TotalsOptions): Promise<ExitCode> {
  const { output } = context;
  const { by } = options;
  if (options.json && options.format === 'csv')
    throw new UsageError('--json and --format csv cannot be combined: leave one out');
  const { settings } = commandSettings({ context, needs: ['mongodb', 'accounts'] });
  const account = selectFeedFirst({ accounts: settings.accounts, name: options.account });
  const timeZone = requireTimeZone(account);
  const days = readDays({ from: options.from, to: options.to, now: new Date(), timeZone });
  if (by === 'day') requireFewDays(days);
  const { found, incomplete } = await withStore(settings.mongodb, async (store) => {
    const asked = { store, account, days, timeZone };
    return { found: await totalsOf({ ...asked, by }), incomplete: await countIncompleteDays(asked) };
  });
  if (incomplete !== null && incomplete > 0) {
    const range = `${days.from} to ${days.to}`;
    output.note(
      `${count(incomplete, 'day')} of ${range} may lack calls: \`callweave coverage\` with the same days names them`,
    );
  }
  if (options.json) output.printJson(found);
  else if (options.format === 'csv') await output.printPieces(totalsCsv(found));
  else {
    output.print(`${totalsTitle(found)}\n`);
    output.printTable(totalsTable(found, { withBars: output.isScreen }));
  }
  return EXIT.done;
}

function requireFewDays({ from, to }: Days): void {
  const dayCount = daysBetween(from, to);
  if (dayCount <= MOST_DAYS_BY_DAY) return;
  throw new UsageError(
    `${from} to ${to} are ${count(dayCount)} days: --by day takes ${count(MOST_DAYS_BY_DAY)} at most; give fewer days, or --by month`,
  );
}
