import { type DocumentField, instant, absentOr, shaped, text } from './document/field.js';
import { DURATION_COLUMNS, isZeroDuration } from './durations.js';
import { compareText } from './order.js';

/**
 * A superseded value of a column, or the instant of a current value that was first seen later than the row itself.
 * Kept so that folding gives the same result in any order.
 */
export interface Sighting<Value> {
  readonly column: string;
  /** Absent if the sighting is of the current value. */
  readonly value?: Value;
  readonly firstSeenAt: Date;
}

/** Makes the field for a sighting whose value is that of a given field. `name` is its name in the schema. */
export function sightingOf<Value>(name: string, value: DocumentField<Value>): DocumentField<Sighting<Value>> {
  return shaped({
    name,
    description: 'A value of a column that was seen before the current one, or the time of the current one.',
    fields: {
      column: text('Name of the column.', 'duration'),
      value: absentOr(value),
      firstSeenAt: instant('Time at which the value was first seen.', '2024-05-02T17:00:00.000Z'),
    },
  });
}

interface SeenValue<Value> {
  readonly value: Value;
  readonly firstSeenMs: number;
}

/** A column with its current value after everything that was seen of it. */
export interface HeldColumn<Value> {
  readonly name: string;
  /** The current value: the one whose first sighting is the latest. */
  readonly value: Value;
  readonly sightings: readonly Sighting<Value>[];
}

/** Everything read of one row, once or after folding. */
interface SeenRow<Value> {
  /** Each column's value, blanks left out. */
  readonly stated: Iterable<readonly [name: string, value: Value]>;
  readonly firstSeenAt: Date;
  readonly sightings?: readonly Sighting<Value>[] | undefined;
}

/**
 * Collects everything seen of one row: for each column the distinct values, each with the earliest instant at which it
 * was seen (law 1). Adding takes the union of the values and the earlier of two instants, so it is commutative,
 * associative and idempotent.
 */
export class SeenColumns<Value> {
  /** Keys: the column, then the text of the value. */
  readonly #columns = new Map<string, Map<string, SeenValue<Value>>>();
  readonly #textOf: (value: Value) => string;
  #firstSeenMs = Number.POSITIVE_INFINITY;

  /** `textOf` must return the same text for equal values, and for no others. */
  constructor(textOf: (value: Value) => string) {
    this.#textOf = textOf;
  }

  /** The earliest instant at which the row was seen. */
  get firstSeenAt(): Date {
    return new Date(this.#firstSeenMs);
  }

  /** Adds a row; returns true if it says anything new. */
  add({ stated, firstSeenAt, sightings = [] }: SeenRow<Value>): boolean {
    const rowSeenMs = firstSeenAt.getTime();
    let isNews = rowSeenMs < this.#firstSeenMs;
    if (isNews) this.#firstSeenMs = rowSeenMs;
    const heldSinceMs = new Map<string, number>();
    for (const { column, value, firstSeenAt: seenAt } of sightings) {
      const firstSeenMs = seenAt.getTime();
      if (value === undefined) heldSinceMs.set(column, firstSeenMs);
      else if (this.#see(column, { value, firstSeenMs })) isNews = true;
    }
    for (const [name, value] of stated) {
      if (this.#see(name, { value, firstSeenMs: heldSinceMs.get(name) ?? rowSeenMs })) isNews = true;
    }
    return isNews;
  }

  /**
   * Columns in name order. `sightings` lists the current value if it appeared later than the row, then superseded
   * values.
   */
  *held(): Generator<HeldColumn<Value>, void> {
    const rowFirstSeenMs = this.#firstSeenMs;
    for (const [name, values] of [...this.#columns].sort(([a], [b]) => compareText(a, b))) {
      const newestFirst = [...values].sort(compareNewestFirst).map(([, seen]) => seen);
      const [holding] = newestFirst;
      if (holding === undefined) continue;
      yield { name, value: holding.value, sightings: sightingsOf({ name, newestFirst, rowFirstSeenMs }) };
    }
  }

  #see(name: string, seen: SeenValue<Value>): boolean {
    const values = this.#columns.get(name) ?? new Map<string, SeenValue<Value>>();
    this.#columns.set(name, values);
    const text = this.#textOf(seen.value);
    const known = values.get(text);
    if (known !== undefined) {
      if (known.firstSeenMs <= seen.firstSeenMs) return false;
    } else if (DURATION_COLUMNS.has(name) && !makesRoom(values, seen.value)) {
      return false;
    }
    values.set(text, seen);
    return true;
  }
}

function sightingsOf<Value>({
  name: column,
  newestFirst,
  rowFirstSeenMs,
}: {
  name: string;
  newestFirst: readonly SeenValue<Value>[];
  rowFirstSeenMs: number;
}): Sighting<Value>[] {
  const sightings: Sighting<Value>[] = [];
  for (const [index, { value, firstSeenMs }] of newestFirst.entries()) {
    const firstSeenAt = new Date(firstSeenMs);
    if (index > 0) sightings.push({ column, value, firstSeenAt });
    else if (firstSeenMs !== rowFirstSeenMs) sightings.push({ column, firstSeenAt });
  }
  return sightings;
}

/** Returns false for a 0 if the duration has another value; removes the 0s if another value is added. */
function makesRoom<Value>(values: Map<string, SeenValue<Value>>, value: Value): boolean {
  const isZero = isZeroDuration(value);
  for (const [text, known] of values) {
    if (isZeroDuration(known.value)) {
      if (!isZero) values.delete(text);
    } else if (isZero) {
      return false;
    }
  }
  return true;
}

/** Sorts the latest first sighting to the front; at the same instant, the greater text. */
function compareNewestFirst<Value>(a: [string, SeenValue<Value>], b: [string, SeenValue<Value>]): number {
  return b[1].firstSeenMs - a[1].firstSeenMs || compareText(b[0], a[0]);
}
