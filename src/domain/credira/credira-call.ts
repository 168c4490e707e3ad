import { textOf, type ColumnValue } from '../blank.js';
import type { MergedCall } from '../call.js';
import { storableFields, type CrediraValue } from './credira-fields.js';
import { secondsOf } from '../durations.js';
import { instantOfText } from '../instants.js';
import { phoneKeyOf } from '../phone-keys.js';
import { SeenColumns, type Sighting } from '../seen-columns.js';

export type CrediraFields = Readonly<Record<string, CrediraValue>>;

/** All sightings of one Credira call, folded. A call just read is one with a single sighting. */
export interface CrediraCall {
  readonly callId: string;
  readonly firstSeenAt: Date;
  /** By Credira's own names, unknown ones too, without `id`. Blanks are left out. */
  readonly fields: CrediraFields;
  /** Beaten values, and the instants of those first seen later than the call itself: as those of a transaction. */
  readonly sightings?: readonly Sighting<CrediraValue>[];
}

/** The part of a Credira call's document that the merge owns. */
export interface MergedCrediraCall extends MergedCall {
  readonly credira: CrediraFields;
  readonly firstSeenAt: Date;
  readonly sightings?: readonly Sighting<CrediraValue>[];
}

/**
 * A call just read, of its fields as the source sent them. `seenAt` is the instant of the request.
 *
 * @throws RangeError where a field is nested too deeply to be stored
 */
export function crediraCallFromFields({
  callId,
  fields: { id: _callId, ...fields },
  seenAt,
}: {
  callId: string;
  fields: Readonly<Record<string, unknown>>;
  seenAt: Date;
}): CrediraCall {
  return { callId, firstSeenAt: seenAt, fields: storableFields(fields) };
}

/** The call that a document was merged from: the inverse of mergeCredira. */
export function crediraCallOf({
  callId,
  credira: fields,
  firstSeenAt,
  sightings,
}: Pick<MergedCrediraCall, 'credira' | 'firstSeenAt' | 'sightings'> & { callId: string }): CrediraCall {
  return { callId, firstSeenAt, fields, ...(sightings !== undefined && { sightings }) };
}

/**
 * Folds what was just seen of a call into what is stored of it, field by field (law 1): the same for any order, any
 * repetition and any division between the two. `changed` is false exactly where the result says no more than `stored`
 * did, so that there is nothing to write.
 */
export function foldCrediraCall(
  stored: CrediraCall | null,
  seen: CrediraCall,
): { readonly call: CrediraCall; readonly changed: boolean } {
  if (stored === null) return { call: seen, changed: true };
  const columns = new SeenColumns<CrediraValue>((value) => JSON.stringify(value));
  columns.add({ ...stored, stated: Object.entries(stored.fields) });
  const changed = columns.add({ ...seen, stated: Object.entries(seen.fields) });
  if (!changed) return { call: stored, changed };
  const held = [...columns.held()];
  const sightings = held.flatMap((column) => column.sightings);
  const call = {
    callId: stored.callId,
    firstSeenAt: columns.firstSeenAt,
    fields: Object.fromEntries(held.map(({ name, value }) => [name, value])),
    ...(sightings.length > 0 && { sightings }),
  };
  return { call, changed };
}

/** What a Credira call's document says: top-level values as those of every source, and all of Credira's own fields. */
export function mergeCredira({ fields, firstSeenAt, sightings }: CrediraCall): MergedCrediraCall {
  const from = textOf(plain(fields['from']));
  return {
    startedAt: instantOfText(plain(fields['start_time'])) ?? instantOfText(plain(fields['created_time'])),
    durationSeconds: secondsOf(plain(fields['duration'])),
    connectSeconds: null,
    ivrSeconds: null,
    from,
    to: textOf(plain(fields['to'])),
    fromKey: phoneKeyOf(from),
    result: textOf(plain(fields['status'])),
    revenue: null,
    signals: [],
    customData: [],
    provenance: {},
    recordingUrl: textOf(plain(fields['call_recording_url'])),
    credira: fields,
    firstSeenAt,
    ...(sightings !== undefined && { sightings }),
  };
}

/** Whether a status says that a call is over and complete. The list of all statuses is not documented. */
export function isCompletedStatus(status: string | null): boolean {
  return status?.trim().toLowerCase() === 'completed';
}

function plain(value: CrediraValue | undefined): ColumnValue | null {
  return value === undefined || typeof value === 'object' ? null : value;
}
