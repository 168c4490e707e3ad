import { type Command, InvalidArgumentError } from 'commander';
import type { AskedColumns } from '../../operations/export/csv-columns.js';
import { UsageError } from '../../settings/errors.js';

/** Options that say which columns a table has. */
export interface CsvOptions {
  readonly format: 'ndjson' | 'csv';
  readonly columns?: readonly string[];
  /** True for all names. */
  readonly signals?: readonly string[] | true;
  readonly customData?: readonly string[] | true;
}

const SEVERAL = 'with commas between; put a name with a comma into double quotes, or repeat the option';

/** Adds the options to a command. */
export function withCsvOptions(command: Command): Command {
  return command
    .option(
      '--columns <names>',
      `csv: only these columns, in this order, ${SEVERAL}: fields of the document, columns.<name>, credira.<name>`,
      listed,
    )
    .option(
      '--signals [names]',
      'csv: add a column signal.<name> for each of these Signals, or for all of the account, sorted',
      listed,
    )
    .option(
      '--custom-data [names]',
      'csv: add a column custom.<name> for each of these custom data fields, or for all of the account, sorted',
      listed,
    );
}

/** Returns the columns that the options ask for. @throws UsageError if there are any, but no table */
export function askedColumns({ format, columns, signals, customData }: CsvOptions): AskedColumns {
  const given = Object.entries({ '--columns': columns, '--signals': signals, '--custom-data': customData });
  const [option] = given.find(([, value]) => value !== undefined) ?? [];
  if (option !== undefined && format !== 'csv')
    throw new UsageError(`${option} is for tables: add --format csv, or leave ${option} out`);
  return { columns: columns ?? null, signals: askedNames(signals), customData: askedNames(customData) };
}

function askedNames(names: readonly string[] | true = []): AskedColumns['signals'] {
  return names === true ? 'all' : names;
}

/** A name, in quotes or not, and the comma or the end that follows. */
const NAME = /\s*(?:"((?:[^"]|"")*)"|([^",]*))\s*(,|$)/y;

/** Reads names with commas between, and adds them to those of the same option before. */
function listed(text: string, before: unknown): readonly string[] {
  const names: string[] = Array.isArray(before) ? [...(before as readonly string[])] : [];
  NAME.lastIndex = 0;
  for (let separator = ','; separator === ',';) {
    const [, quoted, plain = '', next = ''] = NAME.exec(text) ?? [];
    const name = quoted?.replaceAll('""', '"') ?? plain.trim();
    if (name.trim() === '') {
      throw new InvalidArgumentError('Give names with commas between, such as Quote,"Name, with a comma".');
    }
    names.push(name);
    separator = next;
  }
  return names;
}
