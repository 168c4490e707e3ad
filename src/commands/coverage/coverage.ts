import { selectAccount } from '../../settings/select-account.js';
import { accountOption, commandSettings, type CommandContext, type CommonOptions } from '../kit/context.js';
import { coverageText } from './coverage-text.js';
import { readDays, requireTimeZone } from '../kit/day-range.js';
import { EXIT, type ExitCode } from '../kit/exit-codes.js';
import type { Register } from '../kit/frame.js';
import { withStore } from '../../operations/with-store.js';

interface CoverageOptions extends CommonOptions {
  readonly from: string;
  readonly to: string;
  readonly account?: string;
}

export const registerCoverage: Register = (command, context) => {
  command
    .description(
      'Shows for each day whether every call of it is stored: drained by a backfill or a reconcile after the day had ended, or ' +
        'by the live drain. Ends with exit code 3 where a day is not complete.',
    )
    .requiredOption('--from <day>', 'the first day, YYYY-MM-DD in the zone of the token')
    .requiredOption('--to <day>', 'the last day, today at the latest')
    .addOption(accountOption())
    .action(context.action((options: CoverageOptions) => coverage(context, options)));
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
