import { DateTime } from 'luxon';
import type { StatedOffsets } from './zone-check.js';

/** A zone that many companies use, for each set of rules; they are listed before all others. */
const WELL_KNOWN_ZONES = [
  'America/Los_Angeles',
  'America/New_York',
  'America/Chicago',
  'America/Denver',
  'America/Phoenix',
  'America/Anchorage',
  'Pacific/Honolulu',
  'America/Halifax',
  'America/St_Johns',
  'America/Puerto_Rico',
  'America/Mexico_City',
  'America/Bogota',
  'America/Sao_Paulo',
  'America/Argentina/Buenos_Aires',
  'UTC',
  'Europe/London',
  'Europe/Berlin',
  'Europe/Paris',
  'Europe/Athens',
  'Europe/Istanbul',
  'Africa/Lagos',
  'Africa/Johannesburg',
  'Asia/Jerusalem',
  'Asia/Dubai',
  'Asia/Karachi',
  'Asia/Kolkata',
  'Asia/Dhaka',
  'Asia/Bangkok',
  'Asia/Singapore',
  'Asia/Manila',
  'Asia/Shanghai',
  'Asia/Tokyo',
  'Australia/Perth',
  'Australia/Brisbane',
  'Australia/Adelaide',
  'Australia/Sydney',
  'Pacific/Auckland',
] as const;

type StatedOffset = Pick<StatedOffsets, 'startedAt' | 'local'>;

/**
 * Lists up to `limit` IANA zones that have each of the offsets at its instant, well-known ones first. Empty if no zone
 * does, or if there are no offsets, which every zone would fit.
 */
export function fittingZones(offsets: readonly StatedOffset[], limit: number): string[] {
  const zones: string[] = [];
  if (offsets.length === 0) return zones;
  for (const zone of candidates()) {
    if (zones.length === limit) break;
    if (fits(zone, offsets)) zones.push(zone);
  }
  return zones;
}

function fits(zone: string, offsets: readonly StatedOffset[]): boolean {
  return offsets.every(({ startedAt, local }) => DateTime.fromJSDate(startedAt, { zone }).offset === local);
}

/** Yields the well-known zones, and then the others of the IANA database, none of them under a second name. */
function* candidates(): Generator<string, void, undefined> {
  yield* WELL_KNOWN_ZONES;
  const yielded = new Set(WELL_KNOWN_ZONES.map(nameOfNode));
  for (const zone of Intl.supportedValuesOf('timeZone')) {
    if (!yielded.has(nameOfNode(zone))) yield zone;
  }
}

/** Returns Node's name of a zone: `Asia/Calcutta` for `Asia/Kolkata`, in some versions. */
function nameOfNode(zone: string): string {
  return new Intl.DateTimeFormat('en', { timeZone: zone }).resolvedOptions().timeZone;
}
