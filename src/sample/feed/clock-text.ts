import { DateTime } from 'luxon';

/** As in `start_time_local`: `2024-05-02 09:31:07 -07:00`. */
export function clockText(instant: Date, zone: string): string {
  const text = xmlTime(instant, zone);
  return `${text.slice(0, 10)} ${text.slice(11, 19)} ${text.slice(19)}`;
}

/** As in `start_time_xml`: `2024-05-02T09:31:07-07:00`. */
export function xmlTime(instant: Date, zone: string): string {
  const text = DateTime.fromMillis(Math.floor(instant.getTime() / 1_000) * 1_000, { zone }).toISO({
    suppressMilliseconds: true,
  });
  return (text ?? '').replace('Z', '+00:00');
}
