import { FIELD_NAMES } from '../../domain/call.js';
import { count } from '../../domain/count.js';
import { storedFieldName } from '../../domain/credira/credira-fields.js';
import { LINES } from '../../domain/document/exported-line.js';
import type { DocumentField } from '../../domain/document/field.js';
import { signalKey } from '../../domain/invoca/signals.js';
import { compareText } from '../../domain/order.js';
import { UsageError } from '../../settings/errors.js';
import type { CallStore } from '../../store/calls/calls.js';
import type { ExportedCall, ExportedLine } from '../../store/calls/export-calls.js';

export type Cell = string | number | null;

export interface Column {
  readonly name: string;
  readonly cellOf: (line: ExportedLine) => Cell;
}

/** Columns whose order scripts rely on. */
const FIRST_COLUMNS = [
  'callId',
  'account',
  'source',
  'startedAt',
  'durationSeconds',
  'connectSeconds',
  'ivrSeconds',
  'from',
  'to',
  'result',
  'revenue',
  'signals',
  'customData',
  'legs',
  'events',
  'recordingUrl',
  'transcriptStatus',
  'revision',
  'createdAt',
  'updatedAt',
];

/** Fields that were added later; their columns come after the first ones. */
const NEWER_FIELDS = FIELD_NAMES.filter((name) => !FIRST_COLUMNS.includes(name));

/** Columns that are not a field as it is stored. */
const SUMMARIES: ReadonlyMap<string, (call: ExportedCall) => unknown> = new Map(
  Object.entries({
    signals: (call: ExportedCall) => byName(call.signals),
    customData: (call: ExportedCall) => byName(call.customData),
    legs: (call: ExportedCall) => ('legs' in call ? call.legs.length : null),
    events: (call: ExportedCall) => ('events' in call ? call.events.length : null),
    transcriptStatus: (call: ExportedCall) => call.transcript.status,
    transcript: (call: ExportedCall) => call.transcript.text,
  }),
);

/** Columns that are empty unless conversations are exported. */
const OF_CONVERSATION = ['transcript', 'transcript.text', 'transcript.turns', 'transcript.analysis'];

/** Fields of every form of a line. */
const FIELDS: ReadonlyMap<string, DocumentField<unknown>> = new Map(
  [...LINES.calls, LINES.erasure].flatMap(({ fields }) => Object.entries(fields)),
);

/** Most columns that are added for all names. */
const MOST_NAMES = 1_000;

type Named = 'signals' | 'customData';

/** Columns that a person asks for. */
export interface AskedColumns {
  /** Names of the columns, instead of the usual ones; null for these. */
  readonly columns: readonly string[] | null;
  /** Names of Signals and of custom data that get a column each; `all` for all of the account. */
  readonly signals: readonly string[] | 'all';
  readonly customData: readonly string[] | 'all';
}

/**
 * Returns the columns of a table of the account's calls. Unless others are asked for, these are the top-level values,
 * signals and custom data as a JSON object by name, and the number of legs and events. Then come the columns
 * `signal.<name>` and `custom.<name>`, and last, if `marksErased` or among the usual ones, whether the call is erased.
 * @throws UsageError for an unknown column, or if the account has too many names for a column each
 */
export async function chooseColumns({
  calls,
  account,
  withTranscripts,
  asked,
  marksErased = false,
}: {
  calls: CallStore;
  account: string;
  withTranscripts: boolean;
  asked: AskedColumns;
  /** True if erased calls may be among the lines: without the column they would look like calls without values. */
  marksErased?: boolean;
}): Promise<Column[]> {
  const { columns, ...named } = asked;
  const usual = [...FIRST_COLUMNS, ...NEWER_FIELDS, ...(withTranscripts ? ['transcript'] : [])];
  const first = [...new Set(columns ?? usual)].map((name) => columnOf(name, withTranscripts));
  const added: Column[] = [];
  for (const list of ['signals', 'customData'] as const) {
    const names = named[list] === 'all' ? await allNames({ calls, account, list }) : named[list];
    added.push(...distinct(names).map((name) => namedColumn(list, name)));
  }
  const needsErased = columns === null || (marksErased && !columns.includes('erased'));
  return [...first, ...added, ...(needsErased ? [columnOf('erased', withTranscripts)] : [])];
}

/** Returns all names of the account, sorted as in a document: by name in lower case. */
async function allNames({
  calls,
  account,
  list,
}: {
  calls: CallStore;
  account: string;
  list: Named;
}): Promise<string[]> {
  const spellings = await calls.namesOf({ account, list, atMost: MOST_NAMES });
  if (spellings !== null) return spellings.toSorted(byKey);
  const option = list === 'signals' ? '--signals' : '--custom-data';
  throw new UsageError(`${account} has more than ${count(MOST_NAMES)} names for ${option}: name those that you need`);
}

function byKey(a: string, b: string): number {
  return compareText(signalKey(a), signalKey(b)) || compareText(a, b);
}

/** Leaves out names that differ from an earlier one in case only. */
function distinct(names: readonly string[]): string[] {
  const firsts = new Map<string, string>();
  for (const name of names) if (!firsts.has(signalKey(name))) firsts.set(signalKey(name), name);
  return [...firsts.values()];
}

function namedColumn(list: Named, name: string): Column {
  const key = signalKey(name);
  const title = list === 'signals' ? 'signal' : 'custom';
  return {
    name: `${title}.${name}`,
    cellOf: (line) => {
      if ('erased' in line) return null;
      const named = line[list].filter((entry) => signalKey(entry.name) === key);
      const values = [...new Set(named.map(({ value }) => value))];
      return cellOf(values.length > 1 ? values : values[0]);
    },
  };
}

function columnOf(name: string, withTranscripts: boolean): Column {
  if (OF_CONVERSATION.includes(name) && !withTranscripts)
    throw new UsageError(`--columns ${name} needs --transcripts: add it, or leave the column out`);
  if (name === 'erased') return { name, cellOf: (line) => cellOf('erased' in line) };
  const summary = SUMMARIES.get(name);
  if (summary !== undefined) return { name, cellOf: (line) => ('erased' in line ? null : cellOf(summary(line))) };
  if (FIELDS.has(name)) return { name, cellOf: (line) => cellOf(memberOf(line, name)) };
  return { name, cellOf: innerCell(name) };
}

/** Returns the way to read a value inside an object of the document: `columns.<name>`, `provenance.<field>`. */
function innerCell(name: string): Column['cellOf'] {
  const [first = '', ...rest] = name.split('.');
  const inner = rest.join('.');
  const field = FIELDS.get(first);
  const isOfSource = first === 'columns' || first === 'credira';
  const isField = field?.schema.$ref !== undefined && Object.hasOwn(field.shapes[0]?.fields ?? {}, inner);
  if (inner === '' || !(isOfSource || isField)) throw new UsageError(unknownColumn(name));
  return (line) => {
    const object = memberOf(line, first);
    return cellOf(memberOf(object, inner) ?? memberOf(object, storedFieldName(inner)));
  };
}

function unknownColumn(name: string): string {
  return (
    `--columns ${name} is not a column: give fields of the document (docs/data.md lists them), columns.<name>, ` +
    'credira.<name>, transcript.<field> or provenance.<field>'
  );
}

function memberOf(object: unknown, name: string): unknown {
  return typeof object === 'object' && object !== null ? Object.getOwnPropertyDescriptor(object, name)?.value : null;
}

/** Writes a value as a cell: empty if unknown, an instant in UTC, a list or an object as JSON. */
function cellOf(value: unknown): Cell {
  if (value === null || value === undefined) return null;
  if (typeof value === 'string' || typeof value === 'number') return value;
  return value instanceof Date ? value.toISOString() : JSON.stringify(value);
}

/** Returns the values by name; null if there are none. */
function byName(values: readonly { readonly name: string; readonly value: unknown }[]): object | null {
  return values.length === 0 ? null : Object.fromEntries(values.map(({ name, value }) => [name, value]));
}
