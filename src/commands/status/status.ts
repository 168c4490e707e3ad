import { everyInterval } from '../../process/every-interval.js';
import type { AccountStatus } from '../../operations/account-status.js';
import { readStatus, type StatusReport } from '../../operations/status.js';
import { withStore } from '../../operations/with-store.js';
import { selectAccount } from '../../settings/select-account.js';
import { withClient } from '../../temporal/server/connect.js';
import { commandSettings, type CommandContext, type AccountOptions, type Register } from '../kit/context.js';
import { backfillJson } from '../backfill/backfill-text.js';
import { withExamples, onlyAccountOption } from '../kit/help.js';
import { EXIT, type ExitCode } from '../kit/exit-codes.js';
import { withInterrupt } from '../kit/interrupt.js';
import { accountsOverview, attentionOverview, MANY_ACCOUNTS, sharedQueueLine } from './status-overview.js';
import { statusText } from './status-text.js';

interface StatusOptions extends AccountOptions {
  readonly check?: true;
  readonly watch?: true;
}

const WATCH_EVERY_MS = 2_000;

export const register: Register = (command, context) => {
  command
    .description(
      'Show for each account how fresh its calls are, its cursor, transcripts, backfills, rejects, rate, schedules and ' +
        'workers; then what needs a person.',
    )
    .addOption(onlyAccountOption())
    .option('--check', 'end with exit code 3 if something needs a person')
    .option('--watch', 'refresh every 2 seconds until Ctrl-C; when output is piped, print only changes')
    .action(context.action((options: StatusOptions) => status(context, options)));
  withExamples(command, {
    reads: ['callweave status', 'callweave status --check'],
    others: ['callweave status --watch'],
  });
};

async function status(context: CommandContext, options: StatusOptions): Promise<ExitCode> {
  const { settings, temporalAddress } = commandSettings({
    context,
    needs: ['mongodb', 'some-account', 'temporal', 'alerts'],
  });
  const { accounts } = settings;
  const hasAlerts = settings.alerts !== null;
  const shown = options.account === undefined ? accounts : [selectAccount({ accounts, name: options.account })];
  return withStore(settings.mongodb, (store) =>
    withClient(temporalAddress, async (client) => {
      const read = (): Promise<StatusReport> =>
        readStatus({ accounts, shown, client, store, now: new Date(), hasAlerts });
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
  if (options.json) context.output.printJson({ accounts: statuses.map(statusJson), attention });
  else if (statuses.length > MANY_ACCOUNTS) showMany(context.output, report);
  else context.output.print(statusText(report));
  return options.check && attention.length > 0 ? EXIT.needsPerson : EXIT.done;
}

/** Shows what needs a person, then a table: the blocks of hundreds of accounts would be too long to read. */
function showMany(output: CommandContext['output'], report: StatusReport): void {
  const above = [attentionOverview(report.attention), sharedQueueLine(report)].filter((text) => text !== '');
  for (const text of above) output.print(`${text}\n`);
  output.printTable(accountsOverview(report, new Date()));
}

function statusJson(status: AccountStatus): object {
  return { ...status, backfills: status.backfills.map(backfillJson) };
}

/** Shows reports until Ctrl-C or until the reader has gone. The exit code is that of the last report. */
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

/** Returns the report without the values that change merely because time passes. */
function factsOf({ statuses, attention }: StatusReport): string {
  const facts = statuses.map(({ freshnessSeconds: _, countedAt: _at, workers, ...status }) => ({
    ...status,
    workers: workers.map(({ backlogAgeSeconds: _age, ...queue }) => queue),
  }));
  return JSON.stringify([facts, attention]);
}
