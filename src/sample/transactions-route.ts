import type { Catalog, CatalogEntry } from './feed/catalog.js';
import type { RecordedRequest } from './faults.js';
import { isRecord } from './feed/feed-row.js';
import { invalidInput, jsonAnswer, Refusal, type Answer } from './refusal.js';
import { serveRow } from './served-row.js';
import {
  defaultLimit,
  normalType,
  readTransactionQuery,
  type Scope,
  type TransactionQuery,
} from './transaction-query.js';

export type UnknownCursor = 'refuse' | 'empty' | 'restart';

/** Deviations from the documented paging. */
export interface OddPaging {
  /** `ignored`: every page starts at the oldest row. */
  readonly cursor?: 'ignored';
  /** `ignored`: a page has the default number of rows; `shortened`: a third of those requested. */
  readonly limit?: 'ignored' | 'shortened';
}

interface TransactionsRouteOptions {
  readonly catalog: Catalog;
  readonly ids: Readonly<Record<Scope, string>>;
  readonly now: () => Date;
  readonly unknownCursor: UnknownCursor;
  readonly paging: OddPaging;
}

const pathPattern = /^\/api\/([^/]+)\/(networks|advertisers|affiliates)\/transactions\/([^/]+)\.json$/;

/** `GET /api/<version>/<scope>/transactions/<id>.json` */
export function createTransactionsRoute({ catalog, ids, now, unknownCursor, paging }: TransactionsRouteOptions) {
  let rowsServed = 0;
  return (request: RecordedRequest): Answer | null => {
    const [, version = '', scopeText, id] = pathPattern.exec(request.path) ?? [];
    const scope = (['networks', 'advertisers', 'affiliates'] as const).find((known) => known === scopeText);
    if (scope === undefined) return null;
    if (!/^\d{4}-\d\d-\d\d$/.test(version)) {
      throw new Refusal('invalid API Version for route', { status: 400, errorClass: 'InvalidVersion' });
    }
    if (id !== ids[scope]) throw new Refusal(`${scope} ${id}`, { status: 404, errorClass: 'RecordNotFound' });

    const query = asPaged(readTransactionQuery({ scope, parameters: request.query, ...catalog }), paging);
    const nowMs = now().getTime();
    const entries = select({ catalog, query, nowMs, unknownCursor });
    const rows = entries.map((entry) => {
      rowsServed += 1;
      return serveRow({ entry, columns: query.columns, scope, nowMs, readNumber: rowsServed });
    });
    return jsonAnswer(200, rows);
  };
}

function asPaged(query: TransactionQuery, { cursor, limit }: OddPaging): TransactionQuery {
  const limits = { ignored: defaultLimit, shortened: Math.ceil(query.limit / 3) };
  return {
    ...query,
    ...(cursor === 'ignored' && { startAfter: null }),
    ...(limit !== undefined && { limit: limits[limit] }),
  };
}

interface Selection {
  readonly catalog: Catalog;
  readonly query: TransactionQuery;
  readonly nowMs: number;
  readonly unknownCursor: UnknownCursor;
}

function select({ catalog, query, nowMs, unknownCursor }: Selection): CatalogEntry[] {
  const listed = query.days === null ? catalog.feed(nowMs) : catalog.ofDays(nowMs, query.days);
  const behind = afterCursor({ listed, cursor: query.startAfter, unknownCursor });
  const { transactionId, callRecordId, types } = query;
  if (transactionId === null && callRecordId === null && types === null) return behind.slice(0, query.limit);
  return behind.filter((entry) => isAskedFor(entry, query)).slice(0, query.limit);
}

interface CursorSearch {
  readonly listed: readonly CatalogEntry[];
  readonly cursor: string | null;
  readonly unknownCursor: UnknownCursor;
}

function afterCursor({ listed, cursor, unknownCursor }: CursorSearch): readonly CatalogEntry[] {
  if (cursor === null) return listed;
  const position = listed.findLastIndex(({ transactionId }) => transactionId === cursor);
  if (position >= 0) return listed.slice(position + 1);
  if (unknownCursor === 'refuse') throw invalidInput('start_after_transaction_id: no such transaction');
  return unknownCursor === 'empty' ? [] : listed;
}

function isAskedFor({ row, transactionId }: CatalogEntry, query: TransactionQuery): boolean {
  if (query.transactionId !== null && query.transactionId !== transactionId) return false;
  if (!isRecord(row)) return query.callRecordId === null && query.types === null;
  if (query.callRecordId !== null && query.callRecordId !== row['complete_call_id']) return false;
  const { transaction_type: type } = row;
  return query.types === null || (typeof type === 'string' && query.types.has(normalType(type)));
}
