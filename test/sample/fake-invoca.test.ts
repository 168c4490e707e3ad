import { describe, expect, it } from 'vitest';
import { answerWith, hang, resetMidBody, truncatedJson } from '../../src/sample/faults.js';
import { startFakeInvoca } from '../../src/sample/fake-invoca.js';
import { ask, call } from '../support/ask-invoca.js';
import { minimalRows, startInvoca } from '../support/fake-invoca.js';

describe('the fake API refuses', () => {
  it.each([
    ['a missing token', { headers: {} }, 401],
    ['a wrong token', { headers: { authorization: 'wrong' } }, 401],
    ['a Bearer token', { headers: { authorization: 'Bearer right' } }, 401],
    ['a token in the query', { headers: {}, query: 'oauth_token=right' }, 401],
    ['an extra token in the query', { query: 'oauth_token=right' }, 403],
    ['an unknown path', { path: '/api/2020-10-01/networks/calls/2025.json' }, 404],
    ['an unknown id', { path: '/api/2020-10-01/networks/transactions/1.json' }, 404],
    ['an unknown format', { path: '/api/2020-10-01/networks/transactions/2025.csv' }, 404],
    ['a version that is not a date', { path: '/api/latest/networks/transactions/2025.json' }, 400],
    ['another method', { method: 'POST' as const }, 405],
    ['an unknown parameter', { query: 'page=2' }, 403],
    ['a parameter given twice', { query: 'limit=1&limit=2' }, 403],
    ['a limit of 0', { query: 'limit=0' }, 403],
    ['a limit above 4000', { query: 'limit=4001' }, 403],
    ['a limit that is not a number', { query: 'limit=many' }, 403],
    ['a day that does not exist', { query: 'from=2025-02-30&to=2025-03-01' }, 403],
    ['a day with a time', { query: 'from=2025-06-02T00:00&to=2025-06-03' }, 403],
    ['an unknown column', { query: 'include_columns=callers_shoe_size' }, 403],
    ['an unknown macro', { query: 'include_columns=$invoca_all_columns' }, 403],
    ['an unknown type', { query: 'transaction_type=Fax' }, 403],
    ['an unknown cursor', { query: 'start_after_transaction_id=C-A' }, 403],
  ])('%s', async (_what, request, status) => {
    const invoca = await startInvoca({ rows: [call('A')], token: 'right' });

    const answer = await ask(invoca, request);

    expect(answer).toMatchObject({ status, body: { errors: { class: expect.stringMatching(/./) as string } } });
    expect(invoca.requests).toMatchObject([{ status }]);
    expect(JSON.stringify(invoca.requests)).not.toContain('right');
  });

  it('custom data to affiliates', async () => {
    const invoca = await startInvoca();
    const path = `/api/2020-10-01/affiliates/transactions/${invoca.affiliateId}.json`;

    const answer = await ask(invoca, { path, query: 'include_columns=$invoca_default_columns,custom_data' });

    expect(answer.status).toBe(403);
  });
});

describe('requests and plans', () => {
  it('are recorded in order, with parameters and status', async () => {
    const invoca = await startInvoca({ rows: [call('A')] });

    await ask(invoca, { query: 'limit=5&transaction_type[]=Call&transaction_type[]=Sale' });
    await ask(invoca, { path: '/elsewhere' });

    expect(invoca.requests).toMatchObject([
      { method: 'GET', query: { limit: '5', 'transaction_type[]': ['Call', 'Sale'] }, status: 200 },
      { method: 'GET', path: '/elsewhere', query: {}, status: 404 },
    ]);
    expect(Object.keys(invoca.requests[0] ?? {}).sort()).toEqual(['at', 'method', 'path', 'query', 'status']);
  });

  it('are used as often as planned, for matching requests, the oldest plan first', async () => {
    const invoca = await startInvoca({ rows: [call('A')] });
    invoca.plan({ when: ({ query }) => query['limit'] === '7', answer: answerWith({ status: 500, body: '{}' }) });
    invoca.plan({ times: 2, answer: answerWith({ status: 429, headers: { 'retry-after': '1' }, body: '{}' }) });
    invoca.plan({ answer: answerWith({ status: 503, body: '{}' }) });
    const statuses: number[] = [];

    for (const query of ['', 'limit=7', '', '', '', 'limit=7']) statuses.push((await ask(invoca, { query })).status);

    expect(statuses).toEqual([429, 500, 429, 503, 200, 200]);
    expect(invoca.unusedPlans()).toEqual([]);
  });

  it('show which plans are unused', async () => {
    const invoca = await startFakeInvoca();
    const plan = { times: 2, answer: answerWith({ status: 500, body: '{}' }) };
    invoca.plan(plan);

    await ask(invoca);
    const unused = invoca.unusedPlans();
    await invoca.close();

    expect(unused).toEqual([plan]);
  });

  it.each([
    ['a reset', resetMidBody(), 'ECONNRESET'],
    ['a body that is cut off', truncatedJson(), 'JSON'],
  ])('can be answered with %s', async (_what, answer, message) => {
    const invoca = await startInvoca({ rows: minimalRows(20) });
    invoca.plan({ answer });

    await expect(ask(invoca)).rejects.toThrow(new RegExp(`${message}|aborted`));
  });

  it('end with the server, even those that hang', async () => {
    const invoca = await startFakeInvoca();
    invoca.plan({ answer: hang() });
    const hanging = ask(invoca);
    const failed = expect(hanging).rejects.toThrow();
    while (invoca.requests.length === 0) await new Promise((resolve) => setImmediate(resolve));

    await invoca.close();

    await failed;
    expect(invoca.requests).toMatchObject([{ status: null }]);
  });
});
