import { describe, expect, it } from 'vitest';
import { latestOriginalStart } from '../../../src/domain/invoca/call-values.js';
import { aCall, aPostCallEvent } from '../../support/a-transaction.js';

function startingAt(day: string) {
  return { start_time_utc: Date.parse(`${day}T12:00:00Z`) };
}

describe('latestOriginalStart', () => {
  it('reads only original Call rows', () => {
    const rows = [
      aCall('A', startingAt('2024-05-01')),
      aCall('B', startingAt('2024-05-03')),
      aCall('C', startingAt('2024-05-02')),
      aCall('D', { ...startingAt('2024-05-04'), corrects_transaction_id: 'X' }),
      aCall('E', { ...startingAt('2024-05-05'), corrected_at: '2024-06-01 09:00:00 -07:00' }),
      aPostCallEvent('F', startingAt('2024-05-06')),
      aCall('G'),
    ];

    expect(latestOriginalStart(rows)).toEqual(new Date('2024-05-03T12:00:00Z'));
  });

  it('returns null if none has a start', () => {
    expect(latestOriginalStart([aCall('A'), aPostCallEvent('F', startingAt('2024-05-06'))])).toBeNull();
  });
});
