import { Option } from 'commander';
import { count } from '../../domain/count.js';
import { instantOfText } from '../../domain/instants.js';
import { dayEnd, dayStart } from '../../domain/days/zoned-days.js';
import { UsageError } from '../../settings/errors.js';
import { selectAccount } from '../../settings/select-account.js';
import type { Account } from '../../settings/settings.js';
import type { ExportedCall, ExportRequest } from '../../store/calls/export-calls.js';
import { commandSettings, type CommandContext, type AccountOptions, type Register } from '../kit/context.js';
import { readDays, requireTimeZone } from '../kit/day-range.js';
import { withExamples, accountOption, fromOption, toOption } from '../kit/help.js';
import { EXIT, type ExitCode } from '../kit/exit-codes.js';
import { askedColumns, type CsvOptions, withCsvOptions } from './csv-options.js';
import { csvPieces } from '../../operations/export/csv.js';
import { chooseColumns } from '../../operations/export/csv-columns.js';
import { withStore } from '../../operations/with-store.js';

interface ExportOptions extends AccountOptions, CsvOptions {
  readonly from?: string;
  readonly to?: string;
  readonly changedSince?: string;
  readonly transcripts?: true;
}

export const register: Register = (command, context) => {
  command
    .description(
      'Write calls to stdout, as one JSON document per line or as CSV with the top-level values: all calls of the account, ' +
        'or only those that started on the days given. Uses little memory, however many calls there are.',
    )
    .addOption(accountOption())
    .addOption(
      new Option('--format <format>', 'ndjson: one whole document per line; csv: a table')
        .choices(['ndjson', 'csv'])
        .default('ndjson'),
    )
    .addOption(fromOption())
    .addOption(toOption())
    .option('--changed-since <instant>', 'only calls that changed at this instant or later, as 2025-03-01T00:00:00Z')
    .option('--transcripts', 'include the text of the transcripts');
  withCsvOptions(command).action(context.action((options: ExportOptions) => runExport(context, options)));
  withExamples(command, {
    reads: [
      'callweave export --account sample --changed-since 2025-03-01T00:00:00Z > changed.ndjson',
      'callweave export --account sample --format csv --from 2025-03-01 --to 2025-03-31 > calls.csv',
      'callweave export --account sample --format csv --columns callId,startedAt,columns.advertiser_campaign_name --signals',
    ],
  });
};

async function runExport(context: CommandContext, options: ExportOptions): Promise<ExitCode> {
  const { output } = context;
  if (options.json && options.format === 'csv')
    throw new UsageError('--json and --format csv cannot be combined: leave one out');
  const asked = askedColumns(options);
  const { settings } = commandSettings({ context, needs: ['mongodb', 'accounts'] });
  const request = requestOf(selectAccount({ accounts: settings.accounts, name: options.account }), options);
  let written = 0;
  await withStore(settings.mongodb, async (store) => {
    const calls = counted(store.calls.export(request), () => (written += 1));
    await output.printPieces(
      options.format === 'csv'
        ? csvPieces({ lines: calls, columns: await chooseColumns({ ...request, calls: store.calls, asked }) })
        : jsonLines(calls),
    );
  });
  const interrupted = output.closed.aborted ? ', then the reader closed the pipe' : '';
  output.note(`${request.account}: ${count(written)} calls${interrupted}`);
  return EXIT.done;
}

function requestOf(account: Account, options: ExportOptions): ExportRequest {
  return {
    account: account.name,
    started: startedWithin(account, options),
    changedSince: options.changedSince === undefined ? null : requireInstant(options.changedSince),
    withTranscripts: options.transcripts === true,
  };
}

function startedWithin(account: Account, { from, to }: ExportOptions): ExportRequest['started'] {
  if (from === undefined && to === undefined) return null;
  if (from === undefined || to === undefined)
    throw new UsageError('--from and --to must be given together: give both, or neither for all calls');
  const zone = requireTimeZone(account);
  const days = readDays({ from, to, timeZone: zone, now: new Date() });
  return { from: dayStart(days.from, zone), before: dayEnd(days.to, zone) };
}

function requireInstant(text: string): Date {
  const instant = instantOfText(text);
  if (instant !== null) return instant;
  throw new UsageError(
    `--changed-since ${text} is not an instant: give a date, a time and a zone, such as 2025-03-01T00:00:00Z`,
  );
}

async function* jsonLines(calls: AsyncIterable<ExportedCall>): AsyncGenerator<string, void, undefined> {
  for await (const call of calls) yield `${JSON.stringify(call)}\n`;
}

async function* counted<T>(items: AsyncIterable<T>, onItem: () => void): AsyncGenerator<T, void, undefined> {
  for await (const item of items) {
    onItem();
    yield item;
  }
}
