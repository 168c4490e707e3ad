import { DateTime } from 'luxon';
import { platformTimes } from './call-row.js';
import { isRecord, type FeedRow } from './feed-row.js';

export interface CatalogEntry {
  readonly row: unknown;
  readonly transactionId: string | null;
  readonly availableMs: number;
  /** Instant from which a later row of the same chain is available; Infinity if there is none. */
  readonly supersededMs: number;
  readonly clearedTo: 0 | null;
  readonly startMs: number | null;
  /** Day of the call's start, `YYYY-MM-DD` in the zone of the token; null if the row has no start. */
  readonly day: string | null;
}

export interface Catalog {
  /** Returns the rows available at `nowMs`, in the order of the feed. */
  feed(nowMs: number): readonly CatalogEntry[];
  /** Returns the available rows of calls that began within the days, both included, in the order of their start. */
  ofDays(nowMs: number, days: { readonly from: string; readonly to: string }): readonly CatalogEntry[];
  /** Names of all Marketing Data fields and Signals of the account. */
  readonly customNames: ReadonlySet<string>;
  /** Names of all other columns. */
  readonly columnNames: ReadonlySet<string>;
}

interface CatalogOptions {
  readonly rows: readonly FeedRow[];
  /** Zone of the token. */
  readonly timeZone: string;
  /** Zone of the platform today, in which rows with a start get their platform times; null to leave rows unchanged. */
  readonly platformZone: string | null;
}

/** Puts rows in the order of the feed: by availability, and rows of the same instant in the order given. */
export function createCatalog({ rows, ...zones }: CatalogOptions): Catalog {
  const inOrder = [...rows].sort((a, b) => a.availableAt.getTime() - b.availableAt.getTime());
  const superseded = supersededInstants(inOrder);
  const entries = inOrder.map((row, index) => toEntry(row, superseded[index] ?? Infinity, zones));
  const feed = (nowMs: number) => entries.slice(0, countAvailable(entries, nowMs));
  return {
    feed,
    ofDays(nowMs, { from, to }) {
      const inDays = feed(nowMs).filter(({ day }) => day !== null && day >= from && day <= to);
      return inDays.sort((a, b) => (a.startMs ?? 0) - (b.startMs ?? 0));
    },
    customNames: new Set(entries.flatMap(({ row }) => customNamesOf(row))),
    columnNames: new Set(entries.flatMap(({ row }) => (isRecord(row) ? Object.keys(row) : []))),
  };
}

/** Returns the name of an entry of `custom_data`, under either of its keys; null if it has none. */
export function entryName(entry: unknown): string | null {
  if (!isRecord(entry)) return null;
  const name = entry['name'] ?? entry['partner_name'];
  return typeof name === 'string' ? name : null;
}

function toEntry(
  { row, availableAt, clearedTo = null }: FeedRow,
  supersededMs: number,
  { timeZone, platformZone }: Omit<CatalogOptions, 'rows'>,
): CatalogEntry {
  const startMs = isRecord(row) ? startOf(row) : null;
  const isShown = isRecord(row) && startMs !== null && platformZone !== null;
  return {
    row: isShown ? { ...row, ...platformTimes(new Date(startMs), platformZone) } : row,
    transactionId: idOf(row),
    availableMs: availableAt.getTime(),
    supersededMs,
    clearedTo,
    startMs,
    day: startMs === null ? null : DateTime.fromMillis(startMs, { zone: timeZone }).toISODate(),
  };
}

function idOf(row: unknown): string | null {
  if (!isRecord(row)) return null;
  const id = row['transaction_id'];
  return typeof id === 'string' || typeof id === 'number' ? String(id) : null;
}

function startOf(row: Record<string, unknown>): number | null {
  const stated = row['start_time_utc'];
  const startMs = typeof stated === 'string' && stated !== '' ? Number(stated) : stated;
  return typeof startMs === 'number' && Number.isFinite(startMs) ? startMs : null;
}

function customNamesOf(row: unknown): string[] {
  const customData = isRecord(row) ? row['custom_data'] : null;
  if (!Array.isArray(customData)) return [];
  return customData.map(entryName).filter((name) => name !== null);
}

/** Returns the instant at which the next row of its chain becomes available, for each row. */
function supersededInstants(rows: readonly FeedRow[]): (number | undefined)[] {
  const corrects = new Map<string, string>();
  for (const { row } of rows) {
    const id = idOf(row);
    const corrected = isRecord(row) ? row['corrects_transaction_id'] : null;
    if (id !== null && typeof corrected === 'string' && corrected !== '') corrects.set(id, corrected);
  }
  const instants: (number | undefined)[] = Array.from({ length: rows.length });
  const newestOfChain = new Map<string, number>();
  for (const [index, { row, availableAt }] of rows.entries()) {
    const id = idOf(row);
    if (id === null) continue;
    const root = rootOf(id, corrects);
    const previous = newestOfChain.get(root);
    if (previous !== undefined) instants[previous] = availableAt.getTime();
    newestOfChain.set(root, index);
  }
  return instants;
}

function rootOf(id: string, corrects: ReadonlyMap<string, string>): string {
  const seen = new Set<string>();
  let root = id;
  for (let next: string | undefined = id; next !== undefined && !seen.has(next); next = corrects.get(next)) {
    seen.add(next);
    root = next;
  }
  return root;
}

/** Counts the available entries, which are a prefix because entries are sorted by availability. */
function countAvailable(entries: readonly CatalogEntry[], nowMs: number): number {
  let low = 0;
  let high = entries.length;
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    if ((entries[middle]?.availableMs ?? Infinity) <= nowMs) low = middle + 1;
    else high = middle;
  }
  return low;
}
