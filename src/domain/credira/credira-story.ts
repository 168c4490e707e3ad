import type { CrediraFields } from './credira-call.js';
import { fieldJson, fieldName, type CrediraValue } from './credira-fields.js';
import { compareText } from '../order.js';
import type { Sighting } from '../seen-columns.js';

/** One field before and after. A list or an object is shown as JSON. */
interface CrediraChange {
  /** Name of the field at Credira. */
  readonly what: string;
  readonly from: string | number | boolean | null;
  readonly to: string | number | boolean;
}

/** The changes first seen at one instant. */
export interface CrediraStep {
  readonly at: Date;
  readonly changes: readonly CrediraChange[];
}

/** Lists the changes that led to a Credira call's current fields, in the order in which they were seen. */
export function crediraStoryOf({
  credira: fields,
  firstSeenAt,
  sightings = [],
}: {
  credira: CrediraFields;
  firstSeenAt: Date;
  sightings?: readonly Sighting<CrediraValue>[];
}): CrediraStep[] {
  const heldSince = new Map(
    sightings.filter(({ value }) => value === undefined).map(({ column, firstSeenAt: at }) => [column, at]),
  );
  const beaten = sightings.flatMap(({ column, value, firstSeenAt: at }) =>
    value === undefined ? [] : [{ what: column, to: value, at }],
  );
  const held = Object.entries(fields).map(([what, to]) => ({ what, to, at: heldSince.get(what) ?? firstSeenAt }));
  const told = new Map<string, CrediraChange['to']>();
  const steps = new Map<number, CrediraChange[]>();
  // The sort is stable: of two values first seen at one instant, the current one is listed last.
  for (const { what, to, at } of [...beaten, ...held].sort((a, b) => a.at.getTime() - b.at.getTime())) {
    const change = { what: fieldName(what), from: told.get(what) ?? null, to: plainOf(to) };
    told.set(what, change.to);
    steps.set(at.getTime(), [...(steps.get(at.getTime()) ?? []), change]);
  }
  return [...steps].map(([atMs, changes]) => ({
    at: new Date(atMs),
    changes: changes.sort((a, b) => compareText(a.what, b.what)),
  }));
}

function plainOf(value: CrediraValue): CrediraChange['to'] {
  return typeof value === 'object' ? fieldJson(value) : value;
}
