import { randomUUID } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { CallTransaction } from '../../../src/domain/invoca/transaction.js';
import { pagesOf, shuffledAndRepeated } from '../../support/a-transaction.js';
import { aMerge, feeds, mergedCallsOf, mergedPartOf } from '../../support/call-rows.js';
import { useTestDatabase } from '../../support/test-database.js';

const test = useTestDatabase();

const twoDrains = feeds.chain((rows) =>
  fc.record({
    rows: fc.constant(rows),
    one: shuffledAndRepeated(rows).chain(pagesOf),
    other: shuffledAndRepeated(rows).chain(pagesOf),
  }),
);

async function drain(account: string, pages: readonly (readonly CallTransaction[])[]): Promise<void> {
  for (const page of pages) await test.store.calls.mergeTransactions(aMerge(account, page));
}

async function expectWhole(account: string, rows: readonly CallTransaction[]): Promise<void> {
  for (const [callId, merged] of mergedCallsOf(rows)) {
    const call = await test.store.calls.find({ account, id: callId });
    expect(call === null ? null : mergedPartOf(call)).toEqual(merged);
  }
}

describe('mergeTransactions', () => {
  it('stores what the rows say in any order, with any repetition and however they are split into pages', async () => {
    await fc.assert(
      fc.asyncProperty(twoDrains, async ({ rows, one }) => {
        const account = randomUUID();
        await drain(account, one);
        await expectWhole(account, rows);
      }),
      { numRuns: 15 },
    );
  });

  it('stores the same if two feeds of the same rows are drained at the same time', async () => {
    await fc.assert(
      fc.asyncProperty(twoDrains, async ({ rows, one, other }) => {
        const account = randomUUID();
        await Promise.all([drain(account, one), drain(account, other)]);
        await expectWhole(account, rows);
      }),
      { numRuns: 15 },
    );
  });

  it('counts each document it creates or changes, as the revisions do', async () => {
    await fc.assert(
      fc.asyncProperty(twoDrains, async ({ rows, one }) => {
        const account = randomUUID();
        let writes = 0;
        for (const page of one) {
          const { created, changed } = await test.store.calls.mergeTransactions(aMerge(account, page));
          writes += created + changed;
        }
        const calls = await test.db.collection('calls').find({ account }).toArray();
        expect(calls).toHaveLength(mergedCallsOf(rows).size);
        expect(calls.reduce((sum, call) => sum + Number(call['revision']), 0)).toBe(writes);
      }),
      { numRuns: 10 },
    );
  });
});
