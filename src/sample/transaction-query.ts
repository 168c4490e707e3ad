import { DateTime } from 'luxon';
import { z } from 'zod';
import { invalidInput } from './refusal.js';

export type Scope = 'networks' | 'advertisers' | 'affiliates';

/** Columns and macros that a request names. */
export interface ColumnChoice {
  readonly include: ReadonlySet<string>;
  readonly exclude: ReadonlySet<string>;
  /** All Marketing Data fields and Signals of the account. */
  readonly customNames: ReadonlySet<string>;
}

/** Query parameters as they were received; a list if a name was given more than once. */
type QueryObject = Readonly<Record<string, string | readonly string[]>>;

export interface TransactionQuery {
  readonly days: { readonly from: string; readonly to: string } | null;
  readonly limit: number;
  readonly startAfter: string | null;
  readonly transactionId: string | null;
  readonly callRecordId: string | null;
  /** Types without regard to case and spaces, as rows spell them; null for all. */
  readonly types: ReadonlySet<string> | null;
  readonly columns: ColumnChoice;
}

export const defaultLimit = 1000;
const largestLimit = 4000;

const typesByFilter = new Map([
  ['Call', ['call']],
  ['PostCallEvent', ['postcallevent']],
  ['Sale', ['sale', 'reportedconversion']],
  ['Signal', ['signal']],
]);

const Day = z.string().refine((day) => /^\d{4}-\d\d-\d\d$/.test(day) && DateTime.fromISO(day).isValid);

const Text = z.string();

/** Parameters of a request; no other is allowed. */
const Parameters = z.strictObject({
  from: Day.optional(),
  to: Day.optional(),
  limit: z
    .string()
    .regex(/^\d+$/)
    .transform(Number)
    .pipe(z.number().int().min(1).max(largestLimit))
    .default(defaultLimit),
  start_after_transaction_id: Text.optional(),
  transaction_id: Text.optional(),
  call_record_id: Text.optional(),
  include_columns: Text.optional(),
  exclude_columns: Text.optional(),
  transaction_type: z.enum([...typesByFilter.keys()]).optional(),
  'transaction_type[]': z.union([Text, z.array(Text)]).optional(),
});

interface QueryToRead {
  readonly scope: Scope;
  readonly parameters: QueryObject;
  readonly customNames: ReadonlySet<string>;
  readonly columnNames: ReadonlySet<string>;
}

/** @throws Refusal for anything the API does not document */
export function readTransactionQuery({ scope, parameters, customNames, columnNames }: QueryToRead): TransactionQuery {
  const read = Parameters.safeParse(parameters);
  if (!read.success) throw invalidInput(z.prettifyError(read.error));
  const { from, to, limit } = read.data;
  return {
    // Only both together filter.
    days: from !== undefined && to !== undefined ? { from, to } : null,
    limit,
    // An empty cursor means the oldest row.
    startAfter: read.data.start_after_transaction_id || null,
    transactionId: read.data.transaction_id ?? null,
    callRecordId: read.data.call_record_id ?? null,
    types: readTypes([read.data.transaction_type ?? [], read.data['transaction_type[]'] ?? []].flat()),
    columns: readColumns({
      scope,
      include: splitList(read.data.include_columns ?? '$invoca_default_columns'),
      exclude: splitList(read.data.exclude_columns ?? ''),
      customNames,
      columnNames,
    }),
  };
}

export function normalType(type: string): string {
  return type.toLowerCase().replace(/[\s_-]/g, '');
}

function readTypes(filters: readonly string[]): ReadonlySet<string> | null {
  if (filters.length === 0) return null;
  return new Set(
    filters.flatMap((filter) => {
      const types = typesByFilter.get(filter);
      if (types === undefined) throw invalidInput(`transaction_type: ${filter}`);
      return types;
    }),
  );
}

interface ColumnLists {
  readonly scope: Scope;
  readonly include: readonly string[];
  readonly exclude: readonly string[];
  readonly customNames: ReadonlySet<string>;
  readonly columnNames: ReadonlySet<string>;
}

function readColumns({ scope, include, exclude, customNames, columnNames }: ColumnLists): ColumnChoice {
  if (scope === 'affiliates' && include.some((name) => name !== '$invoca_default_columns')) {
    throw invalidInput('include_columns: affiliates get $invoca_default_columns only');
  }
  const known = new Set(['custom_data', 'recording_download_url', ...columnNames, ...customNames]);
  for (const name of include) {
    if (name.startsWith('$invoca_') ? macros.has(name) : known.has(name.replace(/\.source$/, ''))) continue;
    throw invalidInput(`include_columns: ${name}`);
  }
  return { include: new Set(include), exclude: new Set(exclude), customNames };
}

const macros = new Set(['$invoca_default_columns', '$invoca_custom_columns', '$invoca_custom_source_columns']);

function splitList(list: string): string[] {
  return list.split(',').filter((name) => name !== '');
}
