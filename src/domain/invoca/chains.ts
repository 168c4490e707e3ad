import { textOf } from '../blank.js';
import { linkDepths } from './links.js';
import { compareText } from '../order.js';
import { compareInstants, type Row } from './recency.js';
import { kindOf, type TransactionKind } from './transaction-kind.js';

/** An original transaction and those that correct it. */
export interface Chain {
  /** Oldest first. */
  readonly rows: readonly Row[];
  /** The row whose values, blanks included, count for the chain. */
  readonly newest: Row;
  /** Id that stays the same as corrections arrive; the transaction itself may never have been read. */
  readonly originalTransactionId: string;
  /** Type in the spelling of the newest row that states one. */
  readonly type: string | null;
  readonly kind: TransactionKind;
}

/** Divides the rows of a call, one for each transaction id, into chains. */
export function chainsOf(rows: readonly Row[]): Chain[] {
  const depths = linkDepths(new Map(rows.map((row) => [row.id, row.transaction.correctsTransactionId])));
  const ids = new Set(rows.map((row) => row.id));
  return linkedRows(rows).map((linked) => {
    const oldestFirst = linked.sort((a, b) => compareWithinChain(a, b, depths));
    const type = oldestFirst.findLast((row) => row.transaction.type !== null)?.transaction.type ?? null;
    return {
      rows: oldestFirst,
      newest: oldestFirst.at(-1) ?? linked[0],
      originalTransactionId: originalOf(oldestFirst, ids),
      type,
      kind: kindOf(type),
    };
  });
}

function linkedRows(rows: readonly Row[]): [Row, ...Row[]][] {
  const links = new DisjointSets();
  for (const row of rows) {
    const { correctsTransactionId } = row.transaction;
    if (correctsTransactionId !== null) links.link(`id ${row.id}`, `id ${correctsTransactionId}`);
    const partnerId = row.kind === 'post_call_event' ? partnerUniqueIdOf(row) : null;
    if (partnerId !== null) links.link(`id ${row.id}`, `partner ${partnerId}`);
  }
  const groups = new Map<string, [Row, ...Row[]]>();
  for (const row of rows) {
    const group = links.groupOf(`id ${row.id}`);
    const members = groups.get(group);
    if (members === undefined) groups.set(group, [row]);
    else members.push(row);
  }
  return [...groups.values()];
}

/** Returns the partner's own id of an event, or null: Post Call Events with the same one are one event. */
export function partnerUniqueIdOf(row: Row): string | null {
  return textOf(row.transaction.columns['signal_partner_unique_id']);
}

/**
 * Sorts oldest first. The original is older than any correction, and a correction without an instant is older than one
 * with an instant. Corrections of the same instant are ordered by their number of links to the original.
 */
function compareWithinChain(a: Row, b: Row, depths: ReadonlyMap<string, number>): number {
  return (
    Number(isCorrection(a)) - Number(isCorrection(b)) ||
    compareInstants(a.correctedMs, b.correctedMs) ||
    (depths.get(a.id) ?? 0) - (depths.get(b.id) ?? 0) ||
    compareInstants(a.occurredMs, b.occurredMs) ||
    compareText(a.id, b.id)
  );
}

function isCorrection(row: Row): boolean {
  return row.transaction.correctsTransactionId !== null;
}

/** Returns the oldest row that corrects nothing, else the smallest missing id, else (a loop) the smallest id. */
function originalOf(oldestFirst: readonly Row[], ids: ReadonlySet<string>): string {
  const original = oldestFirst.find((row) => !isCorrection(row));
  if (original !== undefined) return original.id;
  const corrected = oldestFirst.flatMap((row) => row.transaction.correctsTransactionId ?? []);
  const missing = corrected.filter((id) => !ids.has(id));
  const candidates = missing.length > 0 ? missing : oldestFirst.map((row) => row.id);
  return candidates.reduce((least, id) => (id < least ? id : least));
}

/** Groups names that are linked, directly or through others. */
class DisjointSets {
  readonly #parents = new Map<string, string>();

  /** Returns the group of `name`: the same for all names of a group once all links are made. */
  groupOf(name: string): string {
    let current = name;
    let parent = this.#parents.get(current);
    while (parent !== undefined) {
      const grandparent = this.#parents.get(parent) ?? parent;
      this.#parents.set(current, grandparent);
      current = grandparent;
      parent = this.#parents.get(current);
    }
    return current;
  }

  link(a: string, b: string): void {
    const groupOfA = this.groupOf(a);
    const groupOfB = this.groupOf(b);
    if (groupOfA !== groupOfB) this.#parents.set(groupOfA, groupOfB);
  }
}
