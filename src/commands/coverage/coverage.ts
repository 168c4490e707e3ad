import { selectAccount } from '../../settings/select-account.js';
import { commandSettings, type CommandContext, type AccountOptions, type Register } from '../kit/context.js';
import { coverageText } from './coverage-text.js';
import { readDays, requireTimeZone } from '../kit/day-range.js';
import { withExamples, accountOption, fromOption, toOption } from '../kit/help.js';
import { EXIT, type ExitCode } from '../kit/exit-codes.js';
import { withStore } from '../../operations/with-store.js';

interface CoverageOptions extends AccountOptions {
  readonly from?: string;
  readonly to?: string;
}

export const register: Register = (command, context) => {
  command
    .description(
      'Show for each day whether all its calls are stored. A day is complete if a backfill, a reconcile or the live drain ' +
        'has read all of it after it ended. Exit code 3 if a day is not complete.',
    )
    .addOption(fromOption())
    .addOption(toOption())
    .addOption(accountOption())
    .action(context.action((options: CoverageOptions) => coverage(context, options)));
  withExamples(command, { reads: ['callweave coverage --from 2025-03-01 --to 2025-03-31'] });
};

async function coverage(context: CommandContext, options: CoverageOptions): Promise<ExitCode> {
  const { settings } = commandSettings({ context, needs: ['mongodb', 'accounts'] });
  const feed = selectAccount({ ...settings, name: options.account, intake: 'feed' });
  const account = feed.name;
  const timeZone = requireTimeZone(feed);
  const now = new Date();
  const asked = readDays({ from: options.from, to: options.to, now, timeZone });
  const days = await withStore(settings.mongodb, (store) => store.coverage.days({ account, days: asked, timeZone }));
  if (options.json) context.output.printJson(days);
  else context.output.print(coverageText({ account, timeZone, now, days }));
  return days.every(({ state }) => state === 'complete') ? EXIT.done : EXIT.needsPerson;
}
