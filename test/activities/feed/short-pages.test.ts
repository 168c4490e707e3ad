import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { shortPagesAfter } from '../../../src/activities/feed/short-pages.js';
import type { TransactionPage } from '../../../src/sources/transaction-page.js';

const BEGAN_AT = new Date('2025-06-02T18:00:00Z');
const REQUESTED_AT = new Date('2025-06-02T18:05:00Z');

function aPage({ rows, startedAt }: { rows: number; startedAt: Date | null }): TransactionPage {
  const transaction = {
    transactionId: 'A-1',
    type: 'Call',
    correctsTransactionId: null,
    correctedAt: null,
    firstSeenAt: REQUESTED_AT,
    columns: startedAt === null ? {} : { start_time_utc: startedAt.getTime() },
    customData: [],
  };
  return {
    rowCount: rows,
    transactions: [{ callId: 'CALL', transaction }],
    rejects: [],
    lastTransactionId: 'A-1',
    isWhole: true,
    requestedAt: REQUESTED_AT,
  };
}

function after(seconds: number): Date {
  return new Date(BEGAN_AT.getTime() + seconds * 1_000);
}

describe('shortPagesAfter', () => {
  it('ends a drain at the twentieth short page in a row, if a call on it started after the drain began', () => {
    const page = aPage({ rows: 399, startedAt: after(60) });
    const counted = (before: number) => shortPagesAfter({ page, limit: 4_000, before, beganAt: BEGAN_AT });
    expect(counted(18)).toEqual({ shortPages: 19, caughtUpAt: null });
    expect(counted(19)).toEqual({ shortPages: 0, caughtUpAt: after(60) });
  });

  it('counts anew after a page that is not short', () => {
    const page = aPage({ rows: 400, startedAt: after(60) });
    expect(shortPagesAfter({ page, limit: 4_000, before: 40, beganAt: BEGAN_AT })).toEqual({
      shortPages: 0,
      caughtUpAt: null,
    });
  });

  it.each([
    ['when the drain began', after(0)],
    ['long before', after(-86_400)],
    ['in the future', new Date(REQUESTED_AT.getTime() + 1)],
    ['at no known time', null],
  ])('goes on while the last call of the page started %s', (_when, startedAt) => {
    const page = aPage({ rows: 1, startedAt });
    expect(shortPagesAfter({ page, limit: 4_000, before: 500, beganAt: BEGAN_AT })).toEqual({
      shortPages: 501,
      caughtUpAt: null,
    });
  });

  it('never ends a drain at a call that was there when it began', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 4_000 }),
        fc.integer({ min: 1, max: 4_000 }),
        fc.nat(100),
        fc.integer({ min: -1_000, max: 1_000 }),
        (rows, limit, before, seconds) => {
          const page = aPage({ rows, startedAt: after(seconds) });
          const { caughtUpAt } = shortPagesAfter({ page, limit, before, beganAt: BEGAN_AT });
          expect(caughtUpAt === null || (seconds > 0 && rows * 10 < limit && before >= 19)).toBe(true);
        },
      ),
    );
  });
});
