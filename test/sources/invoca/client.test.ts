import { describe, expect, it } from 'vitest';
import { answerWith } from '../../../src/sample/faults.js';
import { SourceError } from '../../../src/sources/errors.js';
import { clientOf, minimalRows, startInvoca } from '../../support/fake-invoca.js';

const wholeFeed = { cursor: null, limit: 10, days: null };

describe('the Invoca client', () => {
  it('requests the default columns and custom data of the scope, and nothing else', async () => {
    const invoca = await startInvoca();

    await clientOf(invoca).fetchPage({ cursor: null, limit: 4_000, days: null });

    expect(invoca.requests).toMatchObject([
      {
        method: 'GET',
        path: `/api/2020-10-01/networks/transactions/${invoca.networkId}.json`,
        query: { include_columns: '$invoca_default_columns,custom_data', limit: '4000' },
        status: 200,
      },
    ]);
    expect(Object.keys(invoca.requests[0]?.query ?? {}).sort()).toEqual(['include_columns', 'limit']);
  });

  it('sends a cursor and days, alone or together', async () => {
    const invoca = await startInvoca({ rows: minimalRows(3), timeZone: 'America/Los_Angeles' });
    const client = clientOf(invoca);
    const days = { from: '2025-06-02', to: '2025-06-03' };
    const common = { include_columns: '$invoca_default_columns,custom_data', limit: '10' };

    await client.fetchPage({ ...wholeFeed, cursor: '9999-0000' });
    await client.fetchPage({ ...wholeFeed, days });
    await client.fetchPage({ ...wholeFeed, cursor: '9999-0000', days });

    expect(invoca.requests.map(({ query }) => query)).toEqual([
      { ...common, start_after_transaction_id: '9999-0000' },
      { ...common, ...days },
      { ...common, ...days, start_after_transaction_id: '9999-0000' },
    ]);
  });

  it('reads advertisers at their own path', async () => {
    const invoca = await startInvoca({ rows: minimalRows(1) });

    const page = await clientOf(invoca, { scope: 'advertisers', id: invoca.advertiserId }).fetchPage(wholeFeed);

    expect(page.rowCount).toBe(1);
    expect(invoca.requests[0]?.path).toBe(`/api/2020-10-01/advertisers/transactions/${invoca.advertiserId}.json`);
  });

  it('requests only the default columns for an affiliate', async () => {
    const invoca = await startInvoca({ rows: minimalRows(1) });

    const page = await clientOf(invoca, { scope: 'affiliates', id: invoca.affiliateId }).fetchPage(wholeFeed);

    expect(page.rowCount).toBe(1);
    expect(invoca.requests[0]?.query['include_columns']).toBe('$invoca_default_columns');
  });

  it('names excluded columns, and does not request custom data if that is one', async () => {
    const invoca = await startInvoca();

    await clientOf(invoca, { excludeColumns: ['calling_phone_number', 'custom_data'] }).fetchPage(wholeFeed);

    expect(invoca.requests[0]?.query).toEqual({
      include_columns: '$invoca_default_columns',
      exclude_columns: 'calling_phone_number,custom_data',
      limit: '10',
    });
  });

  it('sends the raw token', async () => {
    const invoca = await startInvoca({ token: 'the-right-one' });
    let authorization: string | undefined;
    invoca.plan({
      answer: ({ response }) => {
        authorization = response.req.headers.authorization;
        response.end('[]');
      },
    });

    await clientOf(invoca).fetchPage(wholeFeed);

    expect(authorization).toBe('the-right-one');
  });

  it('accepts slashes at the end of the base URL, and odd ids', async () => {
    const invoca = await startInvoca({ networkId: 'a/b' });

    const page = clientOf(invoca, { baseUrl: `${invoca.baseUrl}//`, id: 'a/b' }).fetchPage(wholeFeed);

    await expect(page).rejects.toMatchObject({ kind: 'refused', status: 404 });
    expect(invoca.requests[0]?.path).toBe('/api/2020-10-01/networks/transactions/a%2Fb.json');
  });

  it('returns the rows, their number, the next cursor and the instant of the request', async () => {
    const invoca = await startInvoca({ rows: minimalRows(5) });
    const before = Date.now();

    const page = await clientOf(invoca).fetchPage({ ...wholeFeed, limit: 3 });

    expect(page).toMatchObject({ rowCount: 3, rejects: [], lastTransactionId: '9997-0000' });
    expect(page.transactions.map(({ callId }) => callId)).toEqual(['CALL-0', 'CALL-1', 'CALL-2']);
    expect(page.requestedAt.getTime()).toBeGreaterThanOrEqual(before);
    expect(page.requestedAt.getTime()).toBeLessThanOrEqual(Date.now());
    expect(page.transactions[0]?.transaction.firstSeenAt).toEqual(page.requestedAt);
  });

  it('returns an empty page at the end of the feed', async () => {
    const invoca = await startInvoca({ rows: minimalRows(2) });

    const page = await clientOf(invoca).fetchPage({ ...wholeFeed, cursor: '9998-0000' });

    expect(page).toMatchObject({ rowCount: 0, transactions: [], rejects: [], lastTransactionId: null });
  });

  it('counts rejected rows, and continues after the last row that has an id', async () => {
    const rows = [{ transaction_id: 'A-1', complete_call_id: 'C-1' }, { transaction_id: 'A-2' }, 'no row', null, {}];
    const invoca = await startInvoca({ rows });

    const page = await clientOf(invoca).fetchPage(wholeFeed);

    expect(page).toMatchObject({ rowCount: 5, lastTransactionId: 'A-2' });
    expect(page.transactions).toHaveLength(1);
    expect(page.rejects).toHaveLength(4);
  });

  it('reads 204 without a body as the end of the feed', async () => {
    const invoca = await startInvoca();
    invoca.plan({ answer: answerWith({ status: 204 }), times: 2 });
    const client = clientOf(invoca);

    expect(await client.fetchPage(wholeFeed)).toMatchObject({ rowCount: 0, isWhole: true, lastTransactionId: null });
    expect(await client.hasTransaction({ transactionId: 'T' })).toBe(false);
  });

  it.each([
    ['an empty body', ''],
    ['a blank body', ' \n'],
    ['a web page', '<html>[{"transaction_id":"T"}]</html>'],
    ['a text', 'NaN'],
    ['an object that is cut off', '{"errors":{'],
    ['bytes', Buffer.from([0, 0xff, 0x5b])],
  ])('treats %s as an unavailable source, not as a page', async (_what, body) => {
    const invoca = await startInvoca();
    invoca.plan({ answer: answerWith({ status: 200, body }) });

    await expect(clientOf(invoca).fetchPage(wholeFeed)).rejects.toMatchObject({ kind: 'unavailable', status: 200 });
  });

  it('advises to ask for less after a body over the limit', async () => {
    const invoca = await startInvoca();
    const bytes = 128 * 1024 * 1024 + 1;
    invoca.plan({ answer: ({ response }) => response.writeHead(200, { 'content-length': bytes }).flushHeaders() });

    await expect(clientOf(invoca).fetchPage(wholeFeed)).rejects.toMatchObject({ kind: 'too-much', status: 200 });
  });

  it('reads the rows of a page that is not JSON one by one, and reports a page that is cut off', async () => {
    const rows = minimalRows(3).map((row) => JSON.stringify(row));
    const bad = '{"transaction_id":"B-1","complete_call_id":"C-1","duration":NaN,"notes":"caf\u00e9"}';
    const page = Buffer.from(`\u00ef\u00bb\u00bf [${[rows[0], bad, rows[1], 'null', rows[2]].join(',')}]`, 'latin1');
    const invoca = await startInvoca();
    invoca.plan({ answer: answerWith({ status: 200, body: page }) });
    invoca.plan({ answer: answerWith({ status: 200, body: page.subarray(0, -20) }) });
    const client = clientOf(invoca);

    expect(await client.fetchPage(wholeFeed)).toMatchObject({
      rowCount: 5,
      isWhole: true,
      lastTransactionId: '9997-0000',
      transactions: [
        { callId: 'CALL-0' },
        { callId: 'C-1', transaction: { columns: { duration: 'NaN', notes: 'caf\ufffd' } } },
        { callId: 'CALL-1' },
        { callId: 'CALL-2' },
      ],
      rejects: [{ raw: 'null' }],
    });
    expect(await client.fetchPage(wholeFeed)).toMatchObject({
      rowCount: 5,
      isWhole: false,
      lastTransactionId: '9997-0000',
      rejects: [{ raw: 'null' }, { transactionId: '9997-0000', callId: 'CALL-2' }],
    });
  });

  it('does not report a transaction as unknown if the answer is cut off', async () => {
    const invoca = await startInvoca();
    invoca.plan({ answer: answerWith({ status: 200, body: '[' }) });

    const asked = clientOf(invoca).hasTransaction({ transactionId: 'T' });

    await expect(asked).rejects.toMatchObject({ kind: 'unavailable' });
  });

  it.each([
    ['an object', '{"transactions":[]}'],
    ['an errors object', '{"errors":{"class":"InvalidInput","invalid_data":"x"}}'],
    ['null', 'null'],
    ['a string', '"[]"'],
    ['a number', '7'],
  ])('does not treat %s as a page', async (_what, body) => {
    const invoca = await startInvoca();
    invoca.plan({ answer: answerWith({ status: 200, body }) });

    const page = clientOf(invoca).fetchPage(wholeFeed);

    await expect(page).rejects.toMatchObject({ name: 'SourceError', kind: 'unavailable' });
  });

  it.each([
    { what: 'a wrong token', options: { token: 'wrong' }, status: 401, advice: 'token' },
    { what: 'a wrong id', options: { id: '1' }, status: 404, advice: 'id' },
    { what: 'a wrong version', options: { apiVersion: 'latest' }, status: 400, advice: 'version' },
  ])('is refused with $what, and names what to check', async ({ options, status, advice }) => {
    const invoca = await startInvoca({ token: 'right' });

    const error: unknown = await clientOf(invoca, options)
      .fetchPage(wholeFeed)
      .catch((reason: unknown) => reason);

    expect(error).toBeInstanceOf(SourceError);
    expect(error).toMatchObject({ kind: 'refused', status });
    expect((error as SourceError).message).toContain(advice);
  });

  it('is refused with an unknown cursor', async () => {
    const invoca = await startInvoca({ rows: minimalRows(2) });

    const page = clientOf(invoca).fetchPage({ ...wholeFeed, cursor: 'CALL-1' });

    await expect(page).rejects.toMatchObject({ kind: 'refused', status: 403 });
  });

  it.each([
    ['9998-0000', true],
    ['GONE-0000', false],
  ])('finds out if there is a transaction %s, whatever page it is on', async (transactionId, isThere) => {
    const invoca = await startInvoca({ rows: minimalRows(3) });

    expect(await clientOf(invoca).hasTransaction({ transactionId })).toBe(isThere);

    const query = { include_columns: '$invoca_default_columns,custom_data', transaction_id: transactionId };
    expect(invoca.requests.map((request) => request.query)).toEqual([query]);
  });

  it('keeps the numbers of a page exact', async () => {
    const invoca = await startInvoca();
    const body =
      '[{"transaction_id":12345678901234567890,"complete_call_id":"C","sale_amount":0.30000000000000000001}]';
    invoca.plan({ answer: answerWith({ status: 200, body }) });

    const page = await clientOf(invoca).fetchPage(wholeFeed);

    expect(page.lastTransactionId).toBe('12345678901234567890');
    expect(page.transactions[0]?.transaction.columns['sale_amount']).toBe('0.30000000000000000001');
  });

  it('stops at its timeout', async () => {
    const invoca = await startInvoca();
    invoca.plan({ answer: () => undefined });

    const page = clientOf(invoca, { timeoutMs: 100 }).fetchPage(wholeFeed);

    await expect(page).rejects.toMatchObject({ kind: 'too-much' });
  });

  it('rejects with the reason of an abort', async () => {
    const invoca = await startInvoca();
    const controller = new AbortController();
    const reason = new Error('cancelled');
    invoca.plan({ answer: () => controller.abort(reason) });

    const page = clientOf(invoca).fetchPage({ ...wholeFeed, signal: controller.signal });

    await expect(page).rejects.toBe(reason);
  });
});
