import { describe, expect, it } from 'vitest';
import { zoneMismatch } from '../../../src/domain/days/zone-check.js';
import { aCall } from '../../support/a-transaction.js';

const timeZone = 'America/Los_Angeles';

function rowAt(utc: string, local: string | null) {
  return aCall('T1', { start_time_utc: Date.parse(utc), start_time_local: local });
}

describe('zoneMismatch', () => {
  it.each([
    ['2024-05-02T16:31:07Z', '2024-05-02 09:31:07 -07:00'],
    ['2024-01-02T17:31:07Z', '2024-01-02 09:31:07 -08:00'],
    ['2024-05-02T16:31:07Z', '2024-05-02 09:31:07 -0700'],
    ['2024-05-02T16:31:07Z', '2024-05-02 09:31:07'],
    ['2024-05-02T16:31:07Z', null],
  ])('accepts %s as %s', (utc, local) => {
    expect(zoneMismatch([rowAt(utc, local)], timeZone)).toBeNull();
  });

  it('finds the row with the offset of another zone, or of the other half of the year', () => {
    const right = rowAt('2024-05-02T16:31:07Z', '2024-05-02 09:31:07 -07:00');
    const other = rowAt('2024-05-02T16:31:07Z', '2024-05-02 12:31:07 -04:00');
    const winter = rowAt('2024-05-02T16:31:07Z', '2024-05-02 08:31:07 -08:00');

    expect(zoneMismatch([right, other], timeZone)).toEqual({
      transactionId: 'T1',
      statedOffset: '-04:00',
      expectedOffset: '-07:00',
    });
    expect(zoneMismatch([winter], timeZone)).toMatchObject({ statedOffset: '-08:00' });
  });

  it('ignores rows without a start', () => {
    expect(zoneMismatch([aCall('T1', { start_time_local: '2024-05-02 12:31:07 -04:00' })], timeZone)).toBeNull();
  });
});
