import { resolve } from 'node:path';
import { Option } from 'commander';
import { count } from '../../domain/count.js';
import { instantOfText } from '../../domain/instants.js';
import { dayEnd, dayStart } from '../../domain/days/zoned-days.js';
import { UsageError } from '../../settings/errors.js';
import { selectAccount } from '../../settings/select-account.js';
import type { Account } from '../../settings/settings.js';
import type { ExportedLine, ExportRequest } from '../../store/calls/export-calls.js';
import { commandSettings, type CommandContext, type AccountOptions, type Register } from '../kit/context.js';
import { readDays, requireTimeZone } from '../kit/day-range.js';
import { withExamples, accountOption, fromOption, toOption } from '../kit/help.js';
import { EXIT, type ExitCode } from '../kit/exit-codes.js';
import { askedColumns, type CsvOptions, withCsvOptions } from './csv-options.js';
import { csvPieces } from '../../operations/export/csv.js';
import { beginChanges } from '../../operations/export/changes.js';
import { chooseColumns, type Column } from '../../operations/export/csv-columns.js';
import { openStateFile, type ExportIdentity, type StateFile } from '../../operations/export/state-file.js';
import { withStore } from '../../operations/with-store.js';
import type { Store } from '../../store/store.js';
import type { Output } from '../kit/output.js';

type Lines = AsyncGenerator<ExportedLine, void, undefined>;

/** Lines written between two updates of the progress. */
const LINES_PER_PROGRESS = 1_000;

interface ExportOptions extends AccountOptions, CsvOptions {
  readonly from?: string;
  readonly to?: string;
  readonly changedSince?: string;
  readonly state?: string;
  readonly transcripts?: true;
}

export const register: Register = (command, context) => {
  command
    .description(
      'Write calls to stdout, as one JSON document per line or as CSV with the top-level values: all calls of the account, ' +
        'or only those that started on the days given, or changed. Uses little memory, however many calls there are.',
    )
    .addOption(accountOption())
    .addOption(
      new Option('--format <format>', 'ndjson: one whole document per line; csv: a table')
        .choices(['ndjson', 'csv'])
        .default('ndjson'),
    )
    .addOption(fromOption())
    .addOption(toOption())
    .option(
      '--changed-since <instant>',
      'only calls that changed or were erased at this instant or later, as 2025-03-01T00:00:00Z, the oldest change first',
    )
    .option(
      '--state <file>',
      'only calls that changed or were erased since the last run with this file, which the first run makes; a call may ' +
        'come twice, none is left out',
    )
    .option('--transcripts', 'include the text of the transcripts');
  withCsvOptions(command).action(context.action((options: ExportOptions) => runExport(context, options)));
  withExamples(command, {
    reads: [
      'callweave export --account sample --changed-since 2025-03-01T00:00:00Z > changed.ndjson',
      'callweave export --account sample --format csv --from 2025-03-01 --to 2025-03-31 > calls.csv',
      'callweave export --account sample --format csv --columns callId,startedAt,columns.advertiser_campaign_name --signals',
    ],
    others: ['callweave export --account sample --state changes.json > changed.ndjson'],
  });
};

async function runExport(context: CommandContext, options: ExportOptions): Promise<ExitCode> {
  const { output } = context;
  if (options.json && options.format === 'csv')
    throw new UsageError('--json and --format csv cannot be combined: leave one out');
  const asked = askedColumns(options);
  if (options.state !== undefined && options.changedSince !== undefined)
    throw new UsageError('--state and --changed-since cannot be combined: --state notes what the last run gave');
  if (options.state === '-') throw new UsageError('--state - cannot be used: name a file, which the first run makes');
  const { settings } = commandSettings({ context, needs: ['mongodb', 'accounts'] });
  const account = selectAccount({ accounts: settings.accounts, name: options.account });
  const request = requestOf(account, options);
  await withStore(settings.mongodb, async (store) => {
    const isCsv = options.format === 'csv';
    const marksErased = options.state !== undefined || request.changedSince !== null;
    const columns = isCsv ? await chooseColumns({ ...request, calls: store.calls, asked, marksErased }) : null;
    const writing = { output, columns, request };
    if (options.state === undefined) {
      await write({ ...writing, lines: store.calls.export(request) });
      return;
    }
    const identity = identityOf({ account, options, database: settings.mongodb.database });
    const file = await openStateFile({ path: resolve(context.cwd, options.state), identity });
    try {
      await writeChanges({ ...writing, file, store });
    } finally {
      await file.close();
    }
  });
  return EXIT.done;
}

interface Writing {
  readonly output: Output;
  /** Columns of the table; null for one JSON document per line. */
  readonly columns: readonly Column[] | null;
  readonly request: ExportRequest;
}

async function writeChanges({ file, store, ...writing }: Writing & { file: StateFile; store: Store }): Promise<void> {
  const { request, output } = writing;
  const run = await beginChanges({ store, request, state: file.state, now: new Date() });
  const isTaken = await write({ ...writing, lines: run.lines });
  await output.written();
  if (isTaken) await file.save(run.next());
}

/** Writes the lines to stdout. Returns true if the system has taken all of them. */
async function write({ output, columns, request, lines }: Writing & { lines: Lines }): Promise<boolean> {
  const progress = output.progress();
  const counts = { calls: 0, erased: 0 };
  const said = (): string =>
    `${request.account}: ${count(counts.calls, 'call')}${counts.erased === 0 ? '' : `, ${count(counts.erased)} erased`}`;
  const counted = countedLines(lines, (line) => {
    counts['erased' in line ? 'erased' : 'calls'] += 1;
    // Two lines that both change would be mixed on one terminal.
    if (!output.isScreen && (counts.calls + counts.erased) % LINES_PER_PROGRESS === 0) progress.update(said());
  });
  const pieces = columns === null ? jsonLines(counted) : csvPieces({ lines: counted, columns });
  const isTaken = await output.printPieces(pieces).finally(() => progress.end());
  output.note(`${said()}${output.closed.aborted ? ', then the reader closed the pipe' : ''}`);
  return isTaken;
}

function identityOf(of: { account: Account; options: ExportOptions; database: string }): ExportIdentity {
  const { account, options, database } = of;
  const { format, transcripts = false, from = null, to = null } = options;
  const timeZone = from === null ? null : account.timeZone;
  return { account: account.name, database, format, transcripts, from, to, timeZone };
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

async function* jsonLines(lines: Lines): AsyncGenerator<string, void, undefined> {
  for await (const line of lines) yield `${JSON.stringify(line)}\n`;
}

async function* countedLines(lines: Lines, onLine: (line: ExportedLine) => void): Lines {
  for await (const line of lines) {
    onLine(line);
    yield line;
  }
}
