import { everyInterval } from '../../process/every-interval.js';
import { readStatus, type StatusReport } from '../../operations/status.js';
import { withStore } from '../../operations/with-store.js';
import { selectAccount } from '../../settings/select-account.js';
import { withClient } from '../../temporal/server/connect.js';
import { accountOption, commandSettings, type CommandContext, type CommonOptions } from '../kit/context.js';
import { EXIT, type ExitCode } from '../kit/exit-codes.js';
import type { Register } from '../kit/frame.js';
import { withInterrupt } from '../kit/interrupt.js';
import { statusText } from './status-text.js';

interface StatusOptions extends CommonOptions {
  readonly account?: string;
  readonly check?: true;
  readonly watch?: true;
}

const WATCH_EVERY_MS = 2_000;

export const registerStatus: Register = (command, context) => {
  command
    .description('Shows for each account how fresh its calls are, where its cursor stands, and what needs a person.')
    .addOption(accountOption('of this account only'))
    .option('--check', 'end with exit code 3 where something needs a person')
    .option(
      '--watch',
      'show it anew every two seconds, or where it is read by no terminal when it changes, until Ctrl-C',
    )
    .action(context.action((options: StatusOptions) => status(context, options)));
};

async function status(context: CommandContext, options: StatusOptions): Promise<ExitCode> {
  const { settings, temporalAddress } = commandSettings({ context, needs: ['mongodb', 'some-account', 'temporal'] });
  const { accounts } = settings;
  const shown = options.account === undefined ? accounts : [selectAccount({ accounts, name: options.account })];
  return withStore(settings.mongodb, (store) =>
    withClient(temporalAddress, async (client) => {
      const read = (): Promise<StatusReport> => readStatus({ accounts, shown, client, store, now: new Date() });
      return options.watch ? watch({ context, options, read }) : show({ context, options, report: await read() });
    }),
  );
}

interface Shown {
  readonly context: CommandContext;
  readonly options: StatusOptions;
}

function show({ context, options, report }: Shown & { report: StatusReport }): ExitCode {
  const { statuses, attention } = report;
  if (options.json) context.output.printJson({ accounts: statuses, attention });
  else context.output.print(statusText(report));
  return options.check && attention.length > 0 ? EXIT.needsPerson : EXIT.done;
}

/** Shows it until Ctrl-C, or until nobody reads it any more; the last report decides how it ends. */
async function watch({ context, options, read }: Shown & { read: () => Promise<StatusReport> }): Promise<ExitCode> {
  const { output } = context;
  let exitCode: ExitCode = EXIT.done;
  let shownFacts = '';
  await withInterrupt(async (interrupt) => {
    const signal = AbortSignal.any([interrupt, output.closed]);
    await everyInterval({ pauseMs: WATCH_EVERY_MS, signal }, async () => {
      const report = await read();
      const facts = factsOf(report);
      if (facts === shownFacts && !output.isScreen) return;
      shownFacts = facts;
      output.clearScreen();
      exitCode = show({ context, options, report });
    });
  });
  return exitCode;
}

/** What of a report is news: not that time passes. */
function factsOf({ statuses, attention }: StatusReport): string {
  const facts = statuses.map(({ freshnessSeconds: _, workers, ...status }) => ({
    ...status,
    workers: workers.map(({ backlogAgeSeconds: _age, ...queue }) => queue),
  }));
  return JSON.stringify([facts, attention]);
}
