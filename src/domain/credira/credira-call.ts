import { textOf, type ColumnValue } from '../blank.js';
import { MERGED_FIELDS } from '../call.js';
import { storableFields, type CrediraValue } from './credira-fields.js';
import { anyJson, instant, listOf, namedValues, absentOr, type ObjectOf } from '../document/field.js';
import { secondsOf } from '../durations.js';
import { instantOfText } from '../instants.js';
import { phoneKeyOf } from '../phone-keys.js';
import { SeenColumns, type Sighting, sightingOf } from '../seen-columns.js';

export type CrediraFields = Readonly<Record<string, CrediraValue>>;

/** All sightings of one Credira call, folded. A call that was just read has one sighting. */
export interface CrediraCall {
  readonly callId: string;
  readonly firstSeenAt: Date;
  /** Fields under Credira's own names, unknown ones included, without `id` and blanks. */
  readonly fields: CrediraFields;
  /** Superseded values, and the instants of current ones first seen later than the call itself. */
  readonly sightings?: readonly Sighting<CrediraValue>[];
}

/** The part of a Credira call's document that the merge owns. */
export const CREDIRA_FIELDS = {
  ...MERGED_FIELDS,
  credira: namedValues(
    anyJson<CrediraValue>('Value as Credira sent it.'),
    'Fields under Credira’s own names, unknown ones included, without `id` and blanks. `.` and `%` in a name are written as `%2E` and `%25`, a `$` at its beginning as `%24`.',
    { invoice_id: 'INV-1042', status: 'completed' },
  ),
  firstSeenAt: instant('Time at which the call was first read.', '2024-05-02T17:00:00.000Z'),
  sightings: absentOr(
    listOf(
      sightingOf('CrediraSighting', anyJson<CrediraValue>('Value of the field.')),
      'Values that newer ones have replaced, and the times of current ones first seen later than the call.',
    ),
  ),
};
export type MergedCrediraCall = ObjectOf<typeof CREDIRA_FIELDS>;

/**
 * Makes a call of the fields that the source sent. `seenAt` is the instant of the request.
 *
 * @throws RangeError if a field is nested too deeply to be stored
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

/** Returns the call that a document was merged from: the inverse of mergeCredira. */
export function crediraCallOf({
  callId,
  credira: fields,
  firstSeenAt,
  sightings,
}: Pick<MergedCrediraCall, 'credira' | 'firstSeenAt' | 'sightings'> & { callId: string }): CrediraCall {
  return { callId, firstSeenAt, fields, ...(sightings !== undefined && { sightings }) };
}

/**
 * Folds a call that was just read into the stored one, field by field (law 1). The result is the same for any order,
 * any repetition and any division between the two. `changed` is false exactly if the result says no more than `stored`,
 * so that there is nothing to write.
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

/** Merges a Credira call into its document: the top-level values of every source, and all of Credira's own fields. */
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

/** True if a status says that a call is over and complete. Credira's documentation does not list the statuses. */
export function isCompletedStatus(status: string | null): boolean {
  return status?.trim().toLowerCase() === 'completed';
}

function plain(value: CrediraValue | undefined): ColumnValue | null {
  return value === undefined || typeof value === 'object' ? null : value;
}
