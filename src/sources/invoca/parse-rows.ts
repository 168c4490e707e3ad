import { composeCustomData, type FlatColumn } from '../../domain/invoca/custom-data.js';
import { transactionFromColumns } from '../../domain/invoca/row.js';
import type { ColumnValue } from '../../domain/blank.js';
import { compareText } from '../../domain/order.js';
import type { CallTransaction, CustomDataEntry } from '../../domain/invoca/transaction.js';
import { usableId } from '../id.js';
import { isPlainObject } from '../json/json.js';
import { cappedText, rejectOfUnparsed, repairRow, unparsedReasons } from '../json/repair-row.js';
import { UnparsedRow } from '../json/cut-rows.js';
import { readCustomData, readValue } from './custom-data-entries.js';
import { customDataColumn, isStandardColumn, type ExcludedColumns, volatileColumn } from './columns.js';
import type { RejectedRow } from '../../domain/rejected-row.js';

interface RowsToParse {
  readonly rows: readonly unknown[];
  readonly excluded: ExcludedColumns;
  /** The instant of the request. */
  readonly seenAt: Date;
}

interface ParsedRows {
  readonly transactions: readonly CallTransaction[];
  readonly rejects: readonly RejectedRow[];
  readonly lastTransactionId: string | null;
}

interface RowReading {
  readonly row: unknown;
  readonly excluded: ExcludedColumns;
  readonly planOf: (names: readonly string[]) => ColumnPlan;
  readonly seenAt: Date;
}

type ParsedRow = { readonly accepted: CallTransaction } | { readonly rejected: RejectedRow };

const rowCapBytes = 1024 * 1024;

const rejectReasons = {
  'not-an-object': 'a row must be a JSON object',
  'no-transaction-id': 'a row needs a transaction_id of 1 to 64 characters without control characters',
  'no-call-id': 'a row needs a complete_call_id of 1 to 64 characters without control characters',
  'too-large': `the row is larger than ${rowCapBytes} bytes`,
  'too-deep': 'the row is nested too deeply to be read',
  'not-foreseen': 'a bug in callweave prevents it from reading this row: please report it with the row',
  ...unparsedReasons,
} as const;

const unparsedRules = {
  capBytes: rowCapBytes,
  transactionIdKey: 'transaction_id',
  callIdKey: 'complete_call_id',
} as const;

/**
 * Reads the rows of a page one by one. Each becomes a transaction with a single sighting, or a reject, whatever the
 * others are. Never throws, for any JSON value or {@link UnparsedRow} as a row. Snake case ends here, except in the
 * names of columns, which stay Invoca's.
 */
export function parseRows({ rows, excluded, seenAt }: RowsToParse): ParsedRows {
  const transactions: CallTransaction[] = [];
  const rejects: RejectedRow[] = [];
  let lastTransactionId: string | null = null;
  const planOf = columnPlanner(excluded);
  for (const row of rows) {
    const parsed = parseRow({ row, excluded, planOf, seenAt });
    if ('accepted' in parsed) transactions.push(parsed.accepted);
    else rejects.push(parsed.rejected);
    lastTransactionId = idOf(parsed) ?? lastTransactionId;
  }
  return { transactions, rejects, lastTransactionId };
}

function idOf(parsed: ParsedRow): string | null {
  return 'accepted' in parsed ? parsed.accepted.transaction.transactionId : parsed.rejected.transactionId;
}

function parseRow(reading: RowReading): ParsedRow {
  if (reading.row instanceof UnparsedRow) return parseUnparsed(reading.row, reading);
  try {
    return readRow(reading);
  } catch (error) {
    // An error costs only this row: a page that cannot be read would be requested again without end.
    const reason = error instanceof RangeError ? 'too-deep' : 'not-foreseen';
    const row = isPlainObject(reading.row) ? reading.row : {};
    const transactionId = usableId(row['transaction_id']);
    const callId = usableId(row['complete_call_id']);
    return { rejected: rejectedRow({ reason, callId, transactionId, raw: JSON.stringify({ transactionId }) }) };
  }
}

/** Repairs and reads a row that is not JSON. A reject keeps it as it was sent, whatever the reason. */
function parseUnparsed(row: UnparsedRow, reading: RowReading): ParsedRow {
  const reject = (reason: string): ParsedRow => ({
    rejected: rejectOfUnparsed(row, {
      ...unparsedRules,
      reason,
      unwantedNames: reading.excluded.names,
      volatileName: volatileColumn,
    }),
  });
  const repaired = repairRow(row, unparsedRules);
  if ('reason' in repaired) return reject(reasonText(repaired.reason));
  const parsed = parseRow({ ...reading, row: repaired.object });
  return 'accepted' in parsed ? parsed : reject(parsed.rejected.reason);
}

function readRow({ row, excluded, planOf, seenAt }: RowReading): ParsedRow {
  const raw = () => rawText({ row, excluded, capBytes: rowCapBytes });
  if (!isPlainObject(row))
    return { rejected: rejectedRow({ reason: 'not-an-object', transactionId: null, raw: raw() }) };

  const plan = planOf(Object.keys(row));
  const isSmall = mostBytesOf(row, plan) <= rowCapBytes || Buffer.byteLength(JSON.stringify(row)) <= rowCapBytes;
  const transactionId = usableId(row['transaction_id']);
  const callId = usableId(row['complete_call_id']);
  if (transactionId === null) {
    return { rejected: rejectedRow({ reason: 'no-transaction-id', callId, transactionId, raw: raw() }) };
  }
  if (callId === null) return { rejected: rejectedRow({ reason: 'no-call-id', callId, transactionId, raw: raw() }) };
  if (!isSmall) return { rejected: rejectedRow({ reason: 'too-large', callId, transactionId, raw: raw() }) };

  const { columns, flat } = readColumns(row, plan);
  const customData = composeCustomData({ nested: readNested(row[customDataColumn], excluded), flat });
  return { accepted: { callId, transaction: transactionFromColumns({ transactionId, columns, customData, seenAt }) } };
}

/** Bytes of a character of a text in JSON, at most (`\ud800`). */
const bytesPerCharacter = 6;
/** Bytes of a number, true, false or null in JSON, at most. */
const bytesPerPlainValue = 30;

/**
 * Returns a number of bytes that the row as JSON does not exceed. Takes a tenth of the time to find out the true one.
 * @throws RangeError if the row is nested too deeply
 */
function mostBytesOf(row: Record<string, unknown>, { names }: ColumnPlan): number {
  let bytes = 2;
  for (const name of names) {
    const value = row[name];
    bytes += bytesPerCharacter * name.length + 4;
    if (typeof value === 'string') bytes += bytesPerCharacter * value.length + 2;
    else if (typeof value !== 'object' || value === null) bytes += bytesPerPlainValue;
    else bytes += bytesPerCharacter * JSON.stringify(value).length;
  }
  return bytes;
}

function rejectedRow(reject: RejectedRow & { readonly reason: keyof typeof rejectReasons }): RejectedRow {
  return { ...reject, reason: reasonText(reject.reason) };
}

function reasonText(reason: keyof typeof rejectReasons): string {
  return `${reason}: ${rejectReasons[reason]}`;
}

/** Columns of a row: the standard ones in order, and the others, without those that are not stored. */
interface ColumnPlan {
  /** The names of all columns of the row. */
  readonly names: readonly string[];
  readonly standard: readonly string[];
  readonly flat: readonly string[];
}

/** Returns a function that plans how to read a row. Most rows of a page have the same columns, and so share a plan. */
function columnPlanner(excluded: ExcludedColumns): (names: readonly string[]) => ColumnPlan {
  let latest: ColumnPlan | null = null;
  return (names) => {
    if (latest === null || !isSameList(latest.names, names)) latest = planColumns(names, excluded);
    return latest;
  };
}

function isSameList(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((name, index) => name === b[index]);
}

function planColumns(names: readonly string[], excluded: ExcludedColumns): ColumnPlan {
  const isStored = (name: string) => name !== volatileColumn && name !== customDataColumn && !excluded.has(name);
  const stored = names.filter(isStored);
  return {
    names,
    standard: stored.filter(isStandardColumn).sort(compareText),
    flat: stored.filter((name) => !isStandardColumn(name)),
  };
}

function readColumns(row: Record<string, unknown>, { standard, flat }: ColumnPlan) {
  const columns: Record<string, ColumnValue | null> = {};
  for (const name of standard) {
    const stated = row[name];
    // Spelled like the transaction id to which it refers.
    columns[name] = readValue(name === 'corrects_transaction_id' ? (usableId(stated) ?? stated) : stated);
  }
  return { columns, flat: flat.map((name): FlatColumn => [name, readValue(row[name])]) };
}

function readNested(customData: unknown, excluded: ExcludedColumns): CustomDataEntry[] {
  if (excluded.has(customDataColumn)) return [];
  return readCustomData(customData).filter(({ name }) => !excluded.has(name));
}

interface RawRow {
  readonly row: unknown;
  readonly excluded: ExcludedColumns;
  readonly capBytes: number;
}

/**
 * Returns the JSON text that a reject stores, at most `capBytes` long: the row as sent, without the excluded columns
 * and the column that differs on each read. So reading the row again gives the same reject.
 */
function rawText({ row, excluded, capBytes }: RawRow): string {
  const text = JSON.stringify(isPlainObject(row) ? withoutUnwanted(row, excluded) : row);
  return cappedText(text, capBytes);
}

function withoutUnwanted(row: Record<string, unknown>, excluded: ExcludedColumns): Record<string, unknown> {
  const wanted = Object.entries(row).filter(([name]) => name !== volatileColumn && !excluded.has(name));
  return Object.fromEntries(
    wanted.map(([name, value]) => [name, name === customDataColumn ? withoutUnwantedEntries(value, excluded) : value]),
  );
}

function withoutUnwantedEntries(customData: unknown, excluded: ExcludedColumns): unknown {
  const isWanted = ({ name }: CustomDataEntry): boolean => !excluded.has(name);
  if (readCustomData(customData).every(isWanted)) return customData;
  if (Array.isArray(customData)) return customData.filter((member) => readCustomData([member]).every(isWanted));
  return readCustomData(customData)
    .filter(isWanted)
    .map(({ name, dataType, source, value }) => ({ name, data_type: dataType, source, value }));
}
