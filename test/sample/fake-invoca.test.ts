import got from 'got';
import { describe, expect, it } from 'vitest';
import { answerWith, hang, resetMidBody, truncatedJson } from '../../src/sample/faults.js';
import { startFakeInvoca } from '../../src/sample/fake-invoca.js';
import type { FakeInvoca } from '../../src/sample/fake-invoca.js';
import type { FeedRow } from '../../src/sample/feed-row.js';
import { minimalRows, startInvoca } from '../support/fake-invoca.js';

type Row = Record<string, unknown>;

interface Ask {
  readonly path?: string;
  readonly query?: string;
  readonly headers?: Record<string, string>;
  readonly method?: 'GET' | 'POST';
}

async function ask(invoca: FakeInvoca, { path, query = '', headers, method = 'GET' }: Ask = {}) {
  const where = path ?? `/api/2020-10-01/networks/transactions/${invoca.networkId}.json`;
  const { statusCode, body } = await got(`${invoca.baseUrl}${where}?${query}`, {
    method,
    headers: headers ?? { authorization: invoca.token },
    throwHttpErrors: false,
    retry: { limit: 0 },
  });
  return { status: statusCode, body: JSON.parse(body) as unknown };
}

async function rowsOf(invoca: FakeInvoca, query = ''): Promise<Row[]> {
  const { status, body } = await ask(invoca, { query });
  expect(status).toBe(200);
  return body as Row[];
}

async function idsOf(invoca: FakeInvoca, query = ''): Promise<unknown[]> {
  return (await rowsOf(invoca, query)).map((row) => row['transaction_id']);
}

function at(text: string): Date {
  return new Date(text);
}

function call(id: string, more: Row = {}): Row {
  return { transaction_id: id, complete_call_id: `C-${id}`, transaction_type: 'Call', ...more };
}

describe('the fake API refuses', () => {
  it.each([
    ['a missing token', { headers: {} }, 401],
    ['a wrong token', { headers: { authorization: 'wrong' } }, 401],
    ['a Bearer token', { headers: { authorization: 'Bearer right' } }, 401],
    ['a token in the query', { headers: {}, query: 'oauth_token=right' }, 401],
    ['a token in the query besides', { query: 'oauth_token=right' }, 403],
    ['an unknown path', { path: '/api/2020-10-01/networks/calls/2025.json' }, 404],
    ['an unknown id', { path: '/api/2020-10-01/networks/transactions/1.json' }, 404],
    ['an unknown format', { path: '/api/2020-10-01/networks/transactions/2025.csv' }, 404],
    ['a version that is no date', { path: '/api/latest/networks/transactions/2025.json' }, 400],
    ['another method', { method: 'POST' as const }, 405],
    ['an unknown parameter', { query: 'page=2' }, 403],
    ['a parameter given twice', { query: 'limit=1&limit=2' }, 403],
    ['a limit of 0', { query: 'limit=0' }, 403],
    ['a limit above 4000', { query: 'limit=4001' }, 403],
    ['a limit that is no number', { query: 'limit=many' }, 403],
    ['a day that is none', { query: 'from=2025-02-30&to=2025-03-01' }, 403],
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

describe('the feed', () => {
  it('begins at the oldest row and goes on behind any id', async () => {
    const invoca = await startInvoca({ rows: minimalRows(5) });

    await expect(idsOf(invoca, 'limit=2')).resolves.toEqual(['9999-0000', '9998-0000']);
    await expect(idsOf(invoca, 'limit=2&start_after_transaction_id=')).resolves.toEqual(['9999-0000', '9998-0000']);
    await expect(idsOf(invoca, 'limit=2&start_after_transaction_id=9998-0000')).resolves.toEqual([
      '9997-0000',
      '9996-0000',
    ]);
    await expect(idsOf(invoca, 'start_after_transaction_id=9995-0000')).resolves.toEqual([]);
  });

  it('gives 1000 rows where no limit is set', async () => {
    const invoca = await startInvoca({ rows: minimalRows(1_100) });

    await expect(rowsOf(invoca)).resolves.toHaveLength(1_000);
    await expect(rowsOf(invoca, 'limit=4000')).resolves.toHaveLength(1_100);
  });

  it('shows rows from their instant on, in that order', async () => {
    let now = at('2025-06-02T18:00:00Z');
    const rows: FeedRow[] = [
      { row: call('late'), availableAt: at('2025-06-02T18:00:01Z') },
      { row: call('early'), availableAt: at('2025-06-02T18:00:00Z') },
    ];
    const invoca = await startInvoca({ feed: { rows }, now: () => now });

    await expect(idsOf(invoca)).resolves.toEqual(['early']);
    now = at('2025-06-02T18:00:01Z');
    await expect(idsOf(invoca)).resolves.toEqual(['early', 'late']);
  });

  it('sends whatever it was given as a row', async () => {
    const rows = [null, 'text', 7, { no: 'id' }, ['list']];
    const invoca = await startInvoca({ rows });

    await expect(rowsOf(invoca)).resolves.toEqual(rows);
  });

  it.each([
    ['empty' as const, []],
    ['restart' as const, ['9999-0000']],
  ])('may answer an unknown cursor with %s', async (unknownCursor, expected) => {
    const invoca = await startInvoca({ rows: minimalRows(1), unknownCursor });

    await expect(idsOf(invoca, 'start_after_transaction_id=NONE')).resolves.toEqual(expected);
  });

  it('finds one transaction, one call, or types', async () => {
    const rows = [
      call('A'),
      call('B', { complete_call_id: 'C-A', transaction_type: 'Post Call Event' }),
      call('C', { transaction_type: 'Reported Conversion' }),
      call('D', { transaction_type: 'Signal' }),
    ];
    const invoca = await startInvoca({ rows });

    await expect(idsOf(invoca, 'transaction_id=B')).resolves.toEqual(['B']);
    await expect(idsOf(invoca, 'transaction_id=X')).resolves.toEqual([]);
    await expect(idsOf(invoca, 'call_record_id=C-A')).resolves.toEqual(['A', 'B']);
    await expect(idsOf(invoca, 'call_record_id=C-A&transaction_id=C')).resolves.toEqual([]);
    await expect(idsOf(invoca, 'transaction_type=Call')).resolves.toEqual(['A']);
    await expect(idsOf(invoca, 'transaction_type=Sale')).resolves.toEqual(['C']);
    await expect(idsOf(invoca, 'transaction_type[]=PostCallEvent&transaction_type[]=Signal')).resolves.toEqual([
      'B',
      'D',
    ]);
  });

  it('applies the limit to the rows asked for', async () => {
    const invoca = await startInvoca({ rows: [call('A', { transaction_type: 'Signal' }), call('B'), call('C')] });

    await expect(idsOf(invoca, 'transaction_type=Call&limit=1')).resolves.toEqual(['B']);
  });
});

describe('a window', () => {
  const rows = [
    call('second', { start_time_utc: Date.parse('2025-06-02T20:00:00Z') }),
    call('correction-made-last', { start_time_utc: String(Date.parse('2025-06-02T19:00:00Z')) }),
    call('at-midnight', { start_time_utc: Date.parse('2025-06-03T07:00:00Z') }),
    call('before-midnight', { start_time_utc: Date.parse('2025-06-03T06:59:59.999Z') }),
    call('of-no-time', { start_time_utc: null }),
  ];

  it('holds the calls that began on its days in the zone of the token, by their start', async () => {
    const invoca = await startInvoca({ rows, timeZone: 'America/Los_Angeles' });

    await expect(idsOf(invoca, 'from=2025-06-02&to=2025-06-02')).resolves.toEqual([
      'correction-made-last',
      'second',
      'before-midnight',
    ]);
    await expect(idsOf(invoca, 'from=2025-06-02&to=2025-06-03')).resolves.toHaveLength(4);
    await expect(idsOf(invoca, 'from=2025-06-03&to=2025-06-02')).resolves.toEqual([]);
  });

  it('means other days in another zone', async () => {
    const invoca = await startInvoca({ rows, timeZone: 'UTC' });

    await expect(idsOf(invoca, 'from=2025-06-03&to=2025-06-03')).resolves.toEqual(['before-midnight', 'at-midnight']);
  });

  it.each(['from=2025-06-03', 'to=2025-06-02'])('is none with one day only: %s', async (query) => {
    const invoca = await startInvoca({ rows, timeZone: 'UTC' });

    await expect(rowsOf(invoca, query)).resolves.toHaveLength(5);
  });

  it('has a cursor of its own', async () => {
    const invoca = await startInvoca({ rows });
    const window = 'from=2025-06-02&to=2025-06-02';

    await expect(idsOf(invoca, `${window}&start_after_transaction_id=second`)).resolves.toEqual(['before-midnight']);
    await expect(ask(invoca, { query: `${window}&start_after_transaction_id=at-midnight` })).resolves.toMatchObject({
      status: 403,
    });
  });
});

describe('columns', () => {
  const rows = [
    call('A', {
      city: 'Reno',
      call_result_description_detail: 'Paid',
      margin_localized: '12.00',
      recording: 'https://x/1',
      custom_data: [
        { name: 'Quote', data_type: 'Signal', source: 'AI', value: true },
        { partner_name: 'utm_medium', data_type: 'Category', source: 'Default', value: 'Search' },
      ],
    }),
    call('B', { custom_data: [{ name: 'Quote', data_type: 'Signal', source: 'Ivr', value: false }] }),
  ];

  it('hold custom data in the nested form only where it is asked for', async () => {
    const invoca = await startInvoca({ rows });

    const [without] = await rowsOf(invoca);
    const [nested] = await rowsOf(invoca, 'include_columns=$invoca_default_columns,custom_data');

    expect(without).toMatchObject({ city: 'Reno', transaction_id: 'A' });
    expect(without).not.toHaveProperty('custom_data');
    expect(nested).toMatchObject({ city: 'Reno', custom_data: rows[0]?.['custom_data'] });
  });

  it('hold every field of the account in the flat form, with its source', async () => {
    const invoca = await startInvoca({ rows });

    const flat = await rowsOf(
      invoca,
      'include_columns=transaction_id,$invoca_custom_columns,$invoca_custom_source_columns',
    );

    expect(flat).toEqual([
      { transaction_id: 'A', Quote: 1, 'Quote.source': 'AI', utm_medium: 'Search', 'utm_medium.source': 'Default' },
      { transaction_id: 'B', Quote: 0, 'Quote.source': 'Ivr', utm_medium: null, 'utm_medium.source': null },
    ]);
  });

  it('can be named one by one', async () => {
    const invoca = await startInvoca({ rows });

    await expect(rowsOf(invoca, 'include_columns=city,Quote,utm_medium.source&limit=1')).resolves.toEqual([
      { city: 'Reno', Quote: 1, 'utm_medium.source': 'Default' },
    ]);
  });

  it('can be left out, single or as a group', async () => {
    const invoca = await startInvoca({ rows });
    const include = 'include_columns=$invoca_default_columns,$invoca_custom_columns';

    const [row] = await rowsOf(invoca, `${include}&exclude_columns=city,Quote`);
    const [custom] = await rowsOf(invoca, `${include}&exclude_columns=$invoca_default_columns`);

    expect(row).toMatchObject({ transaction_id: 'A', utm_medium: 'Search' });
    expect(row).not.toHaveProperty('city');
    expect(row).not.toHaveProperty('Quote');
    expect(custom).toEqual({ Quote: 1, utm_medium: 'Search' });
  });

  it('sign the recording afresh on each read', async () => {
    const invoca = await startInvoca({ rows });

    const [first, without] = await rowsOf(invoca);
    const [second] = await rowsOf(invoca);

    expect(first?.['recording_download_url']).toMatch(/^https:/);
    expect(second?.['recording_download_url']).not.toBe(first?.['recording_download_url']);
    expect(without).not.toHaveProperty('recording_download_url');
  });

  it('differ by scope', async () => {
    const invoca = await startInvoca({ rows });
    const of = async (scope: string, id: string) =>
      (await ask(invoca, { path: `/api/2020-10-01/${scope}/transactions/${id}.json` })).body as Row[];

    const [advertiser] = await of('advertisers', invoca.advertiserId);
    const [affiliate] = await of('affiliates', invoca.affiliateId);

    expect(advertiser).toMatchObject({ call_result_description_detail_managed_advertiser: 'Paid' });
    expect(advertiser).not.toHaveProperty('call_result_description_detail');
    expect(affiliate).toMatchObject({ call_result_description_detail: 'Paid' });
    expect(affiliate).not.toHaveProperty('margin_localized');
  });
});

describe('a row that was corrected', () => {
  const durations = { duration: 60, connect_duration: 50, ivr_duration: 10 };
  const cleared = (value: 0 | null) => ({ duration: value, connect_duration: value, ivr_duration: value });
  const rows: FeedRow[] = [
    { row: call('A', durations), availableAt: at('2025-06-02T18:00:00Z'), clearedTo: 0 },
    { row: call('B', { ...durations, corrects_transaction_id: 'A' }), availableAt: at('2025-06-02T18:10:00Z') },
    { row: call('C', { ...durations, corrects_transaction_id: 'A' }), availableAt: at('2025-06-02T18:20:00Z') },
    { row: call('D', { ...durations, corrects_transaction_id: 'C' }), availableAt: at('2025-06-02T18:30:00Z') },
    { row: call('E', { city: 'Reno' }), availableAt: at('2025-06-02T18:30:00Z') },
    { row: call('F', { corrects_transaction_id: 'E' }), availableAt: at('2025-06-02T18:31:00Z') },
  ];

  it.each([
    ['18:00', [durations]],
    ['18:10', [cleared(0), durations]],
    ['18:20', [cleared(0), cleared(null), durations]],
    ['18:30', [cleared(0), cleared(null), cleared(null), durations]],
  ])('has its durations cleared in place, as seen at %s', async (time, expected) => {
    const invoca = await startInvoca({ feed: { rows }, now: () => at(`2025-06-02T${time}:00Z`) });

    expect(await rowsOf(invoca, 'limit=4')).toMatchObject(expected);
  });

  it('gets no durations it never had', async () => {
    const invoca = await startInvoca({ feed: { rows } });

    const [row] = await rowsOf(invoca, 'transaction_id=E');

    expect(row).toEqual({ ...call('E'), city: 'Reno' });
  });

  it('may correct itself or a row that is not there', async () => {
    const loop = [
      call('A', { duration: 1, corrects_transaction_id: 'B' }),
      call('B', { duration: 2, corrects_transaction_id: 'A' }),
      call('C', { duration: 3, corrects_transaction_id: 'gone' }),
    ];
    const invoca = await startInvoca({ rows: loop });

    await expect(rowsOf(invoca)).resolves.toHaveLength(3);
  });
});

describe('requests and plans', () => {
  it('are recorded in order, with what was asked and answered', async () => {
    const invoca = await startInvoca({ rows: [call('A')] });

    await ask(invoca, { query: 'limit=5&transaction_type[]=Call&transaction_type[]=Sale' });
    await ask(invoca, { path: '/elsewhere' });

    expect(invoca.requests).toMatchObject([
      { method: 'GET', query: { limit: '5', 'transaction_type[]': ['Call', 'Sale'] }, status: 200 },
      { method: 'GET', path: '/elsewhere', query: {}, status: 404 },
    ]);
    expect(Object.keys(invoca.requests[0] ?? {}).sort()).toEqual(['at', 'method', 'path', 'query', 'status']);
  });

  it('answer as often as planned, to the requests meant, the oldest plan first', async () => {
    const invoca = await startInvoca({ rows: [call('A')] });
    invoca.plan({ when: ({ query }) => query['limit'] === '7', answer: answerWith({ status: 500, body: '{}' }) });
    invoca.plan({ times: 2, answer: answerWith({ status: 429, headers: { 'retry-after': '1' }, body: '{}' }) });
    invoca.plan({ answer: answerWith({ status: 503, body: '{}' }) });
    const statuses: number[] = [];

    for (const query of ['', 'limit=7', '', '', '', 'limit=7']) statuses.push((await ask(invoca, { query })).status);

    expect(statuses).toEqual([429, 500, 429, 503, 200, 200]);
    expect(invoca.unusedPlans()).toEqual([]);
  });

  it('tell which plans nobody met with', async () => {
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
    ['a body that breaks off', truncatedJson(), 'JSON'],
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
