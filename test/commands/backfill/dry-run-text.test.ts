import { describe, expect, it } from 'vitest';
import type { DryRun } from '../../../src/operations/dry-run.js';
import { dryRunText } from '../../../src/commands/backfill/dry-run-text.js';

function exactly(amount: number) {
  return { expected: amount, low: amount, high: amount };
}

const DRY_RUN: DryRun = {
  options: {
    account: 'invoca',
    from: '2025-03-01',
    to: '2025-03-31',
    windowDays: 1,
    parallel: 4,
    newestFirst: false,
    reprocess: 'missing',
    transcripts: 'all',
  },
  windows: { total: 31, complete: 9, toRead: 22 },
  days: { total: 31, complete: 9, toRead: 22 },
  requestsPerSecond: 3,
  rows: { expected: 60_500, low: 52_000, high: 69_000 },
  requests: exactly(44),
  transcripts: { expected: 30_100, low: 26_000, high: 34_000 },
  readSeconds: exactly(15),
  totalSeconds: { expected: 10_050, low: 8_700, high: 11_400 },
  sureness: 'fair',
  probes: [],
};

describe('dryRunText', () => {
  it('shows what would be read and the cost, as a range if it is an estimate', () => {
    expect(dryRunText(DRY_RUN).split('\n')).toEqual([
      'Dry run for invoca: nothing was written or started',
      '  options      2025-03-01..2025-03-31, windows of 1 day, 4 at once, oldest first, days that are not complete, with transcripts',
      '  windows      22 to read of 31; 9 complete already',
      '  days         22 to read of 31; 9 complete already',
      '  rows         about 60,500 (52,000 to 69,000)',
      '  requests     44',
      '  transcripts  about 30,100 (26,000 to 34,000), at least one request each',
      '  duration     15s for the rows, at 3 requests a second',
      '               about 2h 47m (2h 25m to 3h 10m) with the transcripts',
      '  how sure     fair: within 35 %, four times out of five (0 of 22 days looked at)',
    ]);
  });

  it('reports that nothing is left to read in complete days, and how to read them again', () => {
    const complete = { total: 31, complete: 31, toRead: 0 };

    expect(
      dryRunText({ ...DRY_RUN, windows: complete, days: complete })
        .split('\n')
        .slice(2),
    ).toEqual([
      '  windows      0 to read of 31; 31 complete already',
      '  days         0 to read of 31; 31 complete already',
      '               nothing is left to read; `--reprocess all` reads the complete days again',
    ]);
  });

  it('gives no time for transcripts if none are fetched', () => {
    const without = { ...DRY_RUN, transcripts: exactly(0), totalSeconds: DRY_RUN.readSeconds };

    expect(dryRunText(without)).not.toContain('with the transcripts');
  });

  it('does not conclude from days without a row that the others have none', () => {
    const blind = dryRunText({ ...DRY_RUN, rows: exactly(0), transcripts: exactly(0), sureness: 'rough' });
    expect(blind).toContain('rough: none of the days looked at has a row, but others may have some');
    expect(blind).toMatch(/transcripts +0\n/);
  });
});
