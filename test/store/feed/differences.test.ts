import { describe, expect, it } from 'vitest';
import type { CallDifference } from '../../../src/store/calls/compare-transactions.js';
import { useTestDatabase } from '../../support/test-database.js';

const test = useTestDatabase();
/** Recently: a server removes differences after a month. */
const foundAt = new Date();

const missing: CallDifference = { callId: 'B', kind: 'missing', changed: [] };
const stale: CallDifference = { callId: 'A', kind: 'stale', changed: ['result'] };

describe('differences', () => {
  it('include each call once, as it was first found', async () => {
    const { differences } = test.store;
    await differences.record({ run: 'run-1', account: 'a', differences: [missing], foundAt });
    const again = { ...missing, kind: 'stale' as const };
    await differences.record({ run: 'run-1', account: 'a', differences: [again, stale], foundAt });
    await differences.record({ run: 'run-2', account: 'a', differences: [missing], foundAt });

    expect(await differences.summarize({ run: 'run-1', limit: 20 })).toEqual({
      missing: 1,
      stale: 1,
      repaired: 0,
      gone: 0,
      details: [
        { ...stale, repaired: false },
        { ...missing, repaired: false },
      ],
    });
  });

  it('are counted as repaired once marked, and nothing else is', async () => {
    const { differences } = test.store;
    await differences.record({ run: 'run-3', account: 'a', differences: [missing, stale], foundAt });
    await differences.markRepaired({ run: 'run-3', callIds: ['A', 'NEVER-FOUND'] });

    const summary = await differences.summarize({ run: 'run-3', limit: 1 });

    expect(summary).toEqual({ missing: 1, stale: 1, repaired: 1, gone: 0, details: [{ ...stale, repaired: true }] });
  });

  it('have examples of both sorts, and none of what is gone once that is removed', async () => {
    const { differences } = test.store;
    const gone = (callId: string) => ({ callId, kind: 'gone', changed: [] }) as const;
    const found = { run: 'run-4', account: 'a', foundAt };
    await differences.record({ ...found, differences: [missing, stale, gone('0'), gone('1')] });
    await differences.record({ ...found, run: 'run-5', differences: [gone('0')] });

    const both = await differences.summarize({ run: 'run-4', limit: 1 });
    expect(both).toMatchObject({ missing: 1, stale: 1, gone: 2, details: [{ callId: 'A' }, { callId: '0' }] });
    await differences.removeGone('run-4');

    expect(await differences.summarize({ run: 'run-4', limit: 1 })).toMatchObject({ gone: 0, details: [stale] });
    expect(await differences.summarize({ run: 'run-5', limit: 1 })).toMatchObject({ gone: 1 });
  });
});
