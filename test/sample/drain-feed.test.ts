import { describe, expect, it } from 'vitest';
import type { CallTransaction } from '../../src/domain/invoca/transaction.js';
import { createSampleFeed } from '../../src/sample/feed/feed.js';
import type { Days } from '../../src/domain/days/days.js';
import type { InvocaClient } from '../../src/sources/invoca/client.js';
import { clientOf, startInvoca } from '../support/fake-invoca.js';

const feed = createSampleFeed({ seed: 11, endsAt: new Date('2025-06-09T20:00:00Z'), calls: 400 });
const feedIds = feed.rows.map(({ row }) => (row as { transaction_id: string }).transaction_id);

async function drain(client: InvocaClient, { limit, days = null }: { limit: number; days?: Days | null }) {
  const transactions: CallTransaction[] = [];
  let cursor: string | null = null;
  for (;;) {
    const page = await client.fetchPage({ cursor, limit, days });
    expect(page.rejects).toEqual([]);
    if (page.rowCount === 0) return transactions;
    transactions.push(...page.transactions);
    cursor = page.lastTransactionId;
  }
}

function idsOf(transactions: readonly CallTransaction[]): string[] {
  return transactions.map(({ transaction }) => transaction.transactionId);
}

describe('draining the sample feed', () => {
  it.each([1_000, 97, 13])('reads every row once, in order, in pages of %i', async (limit) => {
    const invoca = await startInvoca({ feed });

    const transactions = await drain(clientOf(invoca), { limit });

    expect(idsOf(transactions)).toEqual(feedIds);
    expect(invoca.requests).toHaveLength(Math.ceil(feedIds.length / limit) + 1);
  });

  it.each([1_000, 50])('reads the same rows day by day, in pages of %i', async (limit) => {
    const invoca = await startInvoca({ feed });
    const client = clientOf(invoca);
    const ids: string[] = [];

    for (let day = 1; day <= 9; day += 1) {
      const text = `2025-06-0${day}`;
      ids.push(...idsOf(await drain(client, { limit, days: { from: text, to: text } })));
    }

    expect([...ids].sort()).toEqual([...feedIds].sort());
    expect(ids).not.toEqual(feedIds);
  });

  it('continues after its last row as the clock advances, and misses nothing', async () => {
    let now = new Date('2025-06-04T00:00:00Z');
    const invoca = await startInvoca({ feed, now: () => now });
    const client = clientOf(invoca);
    const ids: string[] = [];

    for (const time of ['2025-06-04', '2025-06-06', '2025-06-08', '2025-06-20']) {
      now = new Date(`${time}T00:00:00Z`);
      for (;;) {
        const page = await client.fetchPage({ cursor: ids.at(-1) ?? null, limit: 40, days: null });
        if (page.rowCount === 0) break;
        ids.push(...idsOf(page.transactions));
      }
    }

    expect(ids).toEqual(feedIds);
  });
});
