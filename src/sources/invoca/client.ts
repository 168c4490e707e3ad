import type { Days } from '../../domain/days/days.js';
import { SourceError } from '../errors.js';
import type { BodyRoom } from '../http/body-room.js';
import { bodyTooLarge, describeGet, getAnswer, notJson } from '../http/http.js';
import { readRows, type CutRows } from '../json/cut-rows.js';
import { readJson } from '../json/json.js';
import type { TransactionPage } from '../transaction-page.js';
import { customDataColumn, createExcludedColumns, type ExcludedColumns } from './columns.js';
import { parseRows } from './parse-rows.js';

type InvocaScope = 'networks' | 'advertisers' | 'affiliates';

export interface InvocaClientOptions {
  /** `https://<vanity>.invoca.net` */
  readonly baseUrl: string;
  readonly scope: InvocaScope;
  /** Id of the network, advertiser or affiliate. */
  readonly id: string;
  readonly token: string;
  /** The date in the path, `2020-10-01`. */
  readonly apiVersion: string;
  readonly excludeColumns: readonly string[];
  /** Limit for a whole request; 150 s by default, because Invoca's own gateway gives up after 120 s. */
  readonly timeoutMs?: number;
  /** The HTTP proxy to use; null or unset for direct connections. */
  readonly proxy?: URL | null;
}

export interface PageRequest {
  /** Last transaction id already read with the same `days`; null to start at the oldest row. */
  readonly cursor: string | null;
  /** 1 to 4000. */
  readonly limit: number;
  /**
   * Days to read; null for the unfiltered feed. The two are ordered differently, so a cursor of one must never be used
   * in the other.
   */
  readonly days: Days | null;
  /** Limits the page to one call or one transaction. An id that the source does not know gives no rows. */
  readonly only?: { readonly callId: string } | { readonly transactionId: string };
  /** Room for the answer. */
  readonly room?: BodyRoom;
  readonly signal?: AbortSignal;
}

export interface InvocaClient {
  /**
   * Makes one request and reads its rows.
   *
   * @throws SourceError; `signal.reason` after an abort
   */
  fetchPage(request: PageRequest): Promise<TransactionPage>;

  /**
   * Makes one request; false if the source has no transaction of this id in the account's scope.
   *
   * @throws SourceError; `signal.reason` after an abort
   */
  hasTransaction(request: { readonly transactionId: string; readonly signal?: AbortSignal }): Promise<boolean>;
}

/**
 * Creates a reader of one account's Transactions API, documented at
 * https://developers.invoca.net/en/2022-08-01/api_documentation/transactions_api/network_user.html
 */
export function createInvocaClient(options: InvocaClientOptions): InvocaClient {
  const excluded = createExcludedColumns(options.excludeColumns);
  return {
    async fetchPage(request) {
      const requestedAt = new Date();
      const url = pageUrl(request, { options, excluded });
      const { rows, isWhole } = await getRows({ options, url, signal: request.signal, room: request.room });
      const parsed = parseRows({ rows, excluded, seenAt: requestedAt });
      return { rowCount: rows.length, ...parsed, isWhole, requestedAt };
    },
    async hasTransaction({ transactionId, signal }) {
      const url = transactionsUrl({ options, excluded });
      url.searchParams.set('transaction_id', transactionId);
      const { rows, isWhole } = await getRows({ options, url, signal });
      if (rows.length === 0 && !isWhole) throw breaksOff(url);
      return rows.length > 0;
    },
  };
}

async function getRows(request: {
  options: InvocaClientOptions;
  url: URL;
  signal: AbortSignal | undefined;
  room?: BodyRoom | undefined;
}): Promise<Pick<CutRows, 'rows' | 'isWhole'>> {
  const { options, url, signal, room } = request;
  const get = {
    url,
    // The raw token, without "Bearer".
    headers: { authorization: options.token },
    proxy: options.proxy,
    ...(options.timeoutMs !== undefined && { timeoutMs: options.timeoutMs }),
    signal,
    room,
  };
  const { status, body } = await getAnswer(get, () => false);
  if (status === 204) return { rows: [], isWhole: true };
  if (body === null) throw bodyTooLarge(get);
  const read = readRows({ body, idKey: 'transaction_id' });
  if (read !== null) return read;
  throw readJson(body) === null ? notJson({ url, status, bytes: body.length }) : notAList(url);
}

interface UrlParts {
  readonly options: InvocaClientOptions;
  readonly excluded: ExcludedColumns;
}

function transactionsUrl({ options, excluded }: UrlParts): URL {
  const base = options.baseUrl.replace(/\/+$/, '');
  const path = [options.apiVersion, options.scope, 'transactions', options.id].map(encodeURIComponent).join('/');
  const url = new URL(`${base}/api/${path}.json`);
  url.searchParams.set('include_columns', includedColumns(options.scope, excluded));
  if (excluded.names.length > 0) url.searchParams.set('exclude_columns', excluded.names.join(','));
  return url;
}

function pageUrl({ cursor, limit, days, only }: PageRequest, parts: UrlParts): URL {
  const url = transactionsUrl(parts);
  url.searchParams.set('limit', String(limit));
  if (days !== null) {
    url.searchParams.set('from', days.from);
    url.searchParams.set('to', days.to);
  }
  if (only !== undefined) {
    if ('callId' in only) url.searchParams.set('call_record_id', only.callId);
    else url.searchParams.set('transaction_id', only.transactionId);
  }
  if (cursor !== null) url.searchParams.set('start_after_transaction_id', cursor);
  return url;
}

/** Names the columns to request. Affiliates may request only the default columns. */
function includedColumns(scope: InvocaScope, excluded: ExcludedColumns): string {
  const defaultColumns = '$invoca_default_columns';
  const withCustomData = scope !== 'affiliates' && !excluded.has(customDataColumn);
  return withCustomData ? `${defaultColumns},${customDataColumn}` : defaultColumns;
}

function breaksOff(url: URL): SourceError {
  return new SourceError(`${describeGet(url)}: the answer is cut off before the end of its first row.`, {
    kind: 'unavailable',
    status: 200,
    advice: 'Try again.',
  });
}

function notAList(url: URL): SourceError {
  return new SourceError(`${describeGet(url)}: answered with JSON that is not an array of rows.`, {
    kind: 'unavailable',
    status: 200,
    advice: 'If this continues, check that the base URL is the Transactions API.',
  });
}
