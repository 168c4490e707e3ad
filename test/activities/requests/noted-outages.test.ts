import { describe, expect, it } from 'vitest';
import { notingOutages } from '../../../src/activities/requests/noted-outages.js';
import { answerWith, resetMidBody, type Fault } from '../../../src/sample/faults.js';
import { feedAccount } from '../../support/feed-account.js';
import { minimalRows, startInvoca } from '../../support/fake-invoca.js';
import { fixedRates } from '../../support/request-rates.js';
import { useTestDatabase } from '../../support/test-database.js';

const mongodb = useTestDatabase();

async function ask(account: string, answers: readonly Fault[]): Promise<void> {
  const invoca = await startInvoca({ rows: minimalRows(2) });
  const { feeds } = notingOutages({
    store: mongodb.store,
    rates: fixedRates,
    feeds: new Map([[account, feedAccount(invoca, { name: account })]]),
    invoices: new Map(),
    transcripts: new Map(),
    now: () => new Date(),
  });
  const page = { cursor: null, limit: 10, days: null, signal: new AbortController().signal };
  for (const answer of answers) {
    invoca.plan({ answer });
    await feeds
      .get(account)
      ?.client.fetchPage(page)
      .catch(() => undefined);
  }
}

const regular: Fault = ({ response, regularAnswer }) => {
  const { status, headers, body } = regularAnswer();
  response.writeHead(status, headers).end(body);
};

describe('notingOutages', () => {
  it.each<[string, Fault]>([
    ['breaks off', resetMidBody()],
    ['answers 502', answerWith({ status: 502 })],
    ['answers 503', answerWith({ status: 503 })],
    ['answers with a web page', answerWith({ status: 200, body: '<html>' })],
  ])('notes an outage of a source that %s, until it answers', async (what, fault) => {
    await ask(what, [fault, fault]);
    expect(await mongodb.store.outages.read(what)).toMatchObject({
      reason: expect.stringContaining('GET http') as string,
    });

    await ask(what, [fault, regular]);
    expect(await mongodb.store.outages.read(what)).toBeNull();
  });

  it.each<[string, Fault]>([
    ['refuses the token', answerWith({ status: 401 })],
    ['answers 429', answerWith({ status: 429 })],
    ['asks to be left alone with 503', answerWith({ status: 503, headers: { 'retry-after': '120' } })],
  ])('takes as an answer that the source %s', async (what, fault) => {
    await ask(what, [resetMidBody(), fault]);

    expect(await mongodb.store.outages.read(what)).toBeNull();
  });
});
