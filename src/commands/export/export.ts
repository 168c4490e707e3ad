import { Option } from 'commander';
import { count } from '../../domain/count.js';
import { instantOfText } from '../../domain/instants.js';
import { dayEnd, dayStart } from '../../domain/days/zoned-days.js';
import { UsageError } from '../../settings/errors.js';
import { selectAccount } from '../../settings/select-account.js';
import type { Account } from '../../settings/settings.js';
import type { ExportedCall, ExportRequest } from '../../store/calls/export-calls.js';
import { accountOption, commandSettings, type CommandContext, type CommonOptions } from '../kit/context.js';
import { readDays, requireTimeZone } from '../kit/day-range.js';
import { EXIT, type ExitCode } from '../kit/exit-codes.js';
import { csvPieces } from './export-csv.js';
import type { Register } from '../kit/frame.js';
import { withStore } from '../../operations/with-store.js';

interface ExportOptions extends CommonOptions {
  readonly account?: string;
  readonly format: 'ndjson' | 'csv';
  readonly from?: string;
  readonly to?: string;
  readonly changedSince?: string;
  readonly transcripts?: true;
}

export const registerExport: Register = (command, context) => {
  command
    .description(
      'Writes the calls to stdout, one after the other: as a JSON document a line, or as CSV with the values of the top ' +
        'level. It takes little memory, however many there are.',
    )
    .addOption(accountOption())
    .addOption(
      new Option('--format <format>', 'the whole document a line, or a table')
        .choices(['ndjson', 'csv'])
        .default('ndjson'),
    )
    .option('--from <day>', 'calls that started on this day or later, with --to; in the zone of the account')
    .option('--to <day>', 'calls that started on this day or earlier')
    .option('--changed-since <instant>', 'calls that changed at this instant or later, such as 2025-03-01T00:00:00Z')
    .option('--transcripts', 'with what was said')
    .action(context.action((options: ExportOptions) => runExport(context, options)));
};

async function runExport(context: CommandContext, options: ExportOptions): Promise<ExitCode> {
  const { output } = context;
  if (options.json && options.format === 'csv') throw new UsageError('--json and --format csv exclude each other');
  const { settings } = commandSettings({ context, needs: ['mongodb', 'accounts'] });
  const request = requestOf(selectAccount({ accounts: settings.accounts, name: options.account }), options);
  let written = 0;
  await withStore(settings.mongodb, async (store) => {
    const calls = counted(store.calls.export(request), () => (written += 1));
    const { withTranscripts } = request;
    await output.printPieces(options.format === 'csv' ? csvPieces({ calls, withTranscripts }) : jsonLines(calls));
  });
  const interrupted = output.closed.aborted ? '; the reader has gone' : '';
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
  if (from === undefined || to === undefined) throw new UsageError('--from and --to come together');
  const zone = requireTimeZone(account);
  const days = readDays({ from, to, timeZone: zone, now: new Date() });
  return { from: dayStart(days.from, zone), before: dayEnd(days.to, zone) };
}

function requireInstant(text: string): Date {
  const instant = instantOfText(text);
  if (instant !== null) return instant;
  throw new UsageError(
    `--changed-since ${text}: this is no instant; it takes a date, a time and a zone, such as 2025-03-01T00:00:00Z`,
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
