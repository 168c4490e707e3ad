import { randomUUID } from 'node:crypto';
import { createServer } from 'node:net';
import { once } from 'node:events';
import { DateTime } from 'luxon';
import { describe, expect, it } from 'vitest';
import type { CheckResult } from '../../../src/operations/check/check-result.js';
import { checkSource, unfinishedChecks, type SourceCheckInput } from '../../../src/operations/check/source-checks.js';
import { answerWith, hang, truncatedJson, type Fault } from '../../../src/sample/faults.js';
import type { FakeInvoca, FakeInvocaOptions } from '../../../src/sample/fake-invoca.js';
import type { InvocaAccount } from '../../../src/settings/accounts.js';
import { sampleAccount } from '../../../src/settings/sample-account.js';
import { startConnectProxy } from '../../support/connect-proxy.js';
import { startInvoca } from '../../support/fake-invoca.js';
import { useTestDatabase } from '../../support/test-database.js';

const mongodb = useTestDatabase();

const IDS = [
  'source.credentials',
  'source.rows',
  'source.time-zone',
  'source.platform-time-zone',
  'source.transcripts',
  'source.analysis',
];
const ALL_OK = Object.fromEntries(IDS.map((id) => [id, 'ok']));
const ALL_SKIPPED = Object.fromEntries(IDS.map((id) => [id, 'skipped']));
const NOT_BEGUN = { ...ALL_SKIPPED, 'source.credentials': 'failed' };

const PHONE = '775-555-0143';
const NAME = 'Bluefern Dental';
const DAY_MS = 86_400_000;
const LOS_ANGELES = 'America/Los_Angeles';

interface RowTimes {
  readonly startedAt?: Date;
  /** Zone of the token. */
  readonly zone?: string;
  /** Zone of the platform. */
  readonly platform?: string;
}

/** A row of a call that started two days ago, with personal data. */
function aRow(callId: string, { startedAt = new Date(Date.now() - 2 * DAY_MS), ...zones }: RowTimes = {}) {
  const { zone = LOS_ANGELES, platform = zone } = zones;
  const clock = (timeZone: string) =>
    DateTime.fromJSDate(startedAt, { zone: timeZone }).toFormat('yyyy-MM-dd HH:mm:ss ZZ');
  return {
    transaction_id: `T-${callId}`,
    complete_call_id: callId,
    transaction_type: 'Call',
    start_time_utc: startedAt.getTime(),
    start_time_local: clock(zone),
    start_time_network_timezone: clock(platform),
    calling_phone_number: PHONE,
    name: NAME,
    duration: 60,
    connect_duration: 30,
  };
}

const ONE_CALL: FakeInvocaOptions = { rows: [aRow('CALL-1')], transcripts: [{ callId: 'CALL-1' }] };

interface Checked {
  readonly invoca: FakeInvoca;
  readonly account?: Partial<InvocaAccount>;
  readonly input?: Partial<SourceCheckInput>;
}

function accountOf(invoca: Pick<FakeInvoca, 'baseUrl' | 'token' | 'networkId'>, account: Partial<InvocaAccount> = {}) {
  return { ...sampleAccount(invoca), name: `a-${randomUUID().slice(0, 8)}`, ...account };
}

async function check({ invoca, account, input }: Checked): Promise<readonly CheckResult[]> {
  const results = await checkSource({
    account: accountOf(invoca, account),
    store: mongodb.store,
    deadline: new Date(Date.now() + 30_000),
    signal: new AbortController().signal,
    ...input,
  });
  const text = JSON.stringify(results);
  for (const secret of [invoca.token, PHONE, NAME]) expect(text).not.toContain(secret);
  return results;
}

function statesOf(results: readonly CheckResult[]): Record<string, string> {
  return Object.fromEntries(results.map(({ id, state }) => [id, state]));
}

function resultOf(results: readonly CheckResult[], id: string): CheckResult | undefined {
  return results.find((result) => result.id === id);
}

async function contents(): Promise<unknown> {
  const names = (await mongodb.db.listCollections().toArray()).map(({ name }) => name).sort();
  return Promise.all(names.map(async (name) => [name, await mongodb.db.collection(name).find().toArray()]));
}

describe('checkSource for Invoca', () => {
  it('is ok in all six checks, with three requests, and writes nothing', async () => {
    const invoca = await startInvoca(ONE_CALL);
    const before = await contents();

    const results = await check({ invoca, account: { name: 'mine' } });

    expect(results.map(({ id }) => id)).toEqual(IDS);
    expect(results).toMatchObject(IDS.map(() => ({ account: 'mine', state: 'ok', advice: null })));
    const today = DateTime.utc();
    expect(invoca.requests.map(({ path }) => path)).toEqual([
      `/api/2020-10-01/networks/transactions/${invoca.networkId}.json`,
      '/call/transcript/CALL-1',
      '/call/v2/transcript_analysis/CALL-1',
    ]);
    expect(invoca.requests[0]?.query).toMatchObject({
      limit: '10',
      from: today.minus({ days: 7 }).toISODate(),
      to: today.plus({ days: 1 }).toISODate(),
    });
    expect(await contents()).toEqual(before);
  });

  it('names the newest start among the rows', async () => {
    const startedAt = new Date(Math.floor(Date.now() / 1_000) * 1_000 - DAY_MS);
    const rows = [aRow('CALL-1'), aRow('CALL-2', { startedAt }), aRow('CALL-3')];
    const invoca = await startInvoca({ rows });

    const text = startedAt.toISOString();
    expect(resultOf(await check({ invoca }), 'source.rows')?.message).toContain(
      `3 rows from ${DateTime.utc().minus({ days: 7 }).toISODate()}`,
    );
    expect(resultOf(await check({ invoca }), 'source.rows')?.message).toContain(
      `started ${text.slice(0, 10)} ${text.slice(11, 19)} UTC`,
    );
  });

  it('asks for rows of the whole feed if the last days have none, four requests in all', async () => {
    const startedAt = new Date('2024-05-02T16:31:07Z');
    const invoca = await startInvoca({ rows: [aRow('CALL-1', { startedAt })], transcripts: [{ callId: 'CALL-1' }] });

    const results = await check({ invoca });

    expect(statesOf(results)).toEqual(ALL_OK);
    expect(resultOf(results, 'source.rows')?.message).toContain('2024-05-02 16:31:07 UTC');
    expect(invoca.requests).toHaveLength(4);
    expect(invoca.requests[1]?.query).not.toHaveProperty('from');
    expect(invoca.requests[1]?.query).toMatchObject({ limit: '10' });
  });

  it('warns if the feed has no rows, and asks for no transcript', async () => {
    const invoca = await startInvoca({ rows: [] });

    const results = await check({ invoca });

    expect(statesOf(results)).toEqual({ ...ALL_SKIPPED, 'source.credentials': 'ok', 'source.rows': 'warning' });
    expect(resultOf(results, 'source.rows')?.advice).toContain('INVOCA_ID');
    expect(invoca.requests).toHaveLength(2);
  });

  it.each<[string, Fault, RegExp, RegExp | null]>([
    [
      '403',
      answerWith({ status: 403, body: '{"errors":{"class":"UnauthorizedOperation"}}' }),
      /403 \(UnauthorizedOperation\)/,
      /INVOCA_TOKEN, INVOCA_SCOPE, INVOCA_ID$/,
    ],
    ['404', answerWith({ status: 404 }), /answered 404/, /INVOCA_SCOPE, INVOCA_ID, INVOCA_BASE_URL$/],
    ['400', answerWith({ status: 400 }), /answered 400/, /INVOCA_API_VERSION$/],
    ['500', answerWith({ status: 500, body: `<html>${PHONE}</html>` }), /answered 500/, /may work later$/],
    ['504', answerWith({ status: 504 }), /answered 504/, /may work later$/],
    [
      'a redirect',
      answerWith({ status: 302, headers: { location: 'https://example.com/' } }),
      /answered 302/,
      /Redirects are not followed.*INVOCA_BASE_URL$/,
    ],
    [
      'a web page',
      answerWith({ status: 200, body: '<html>Sign in to the network</html>' }),
      /not JSON/,
      /web page or proxy\. Setting: INVOCA_BASE_URL$/,
    ],
    [
      'JSON that is no list',
      answerWith({ status: 200, body: `{"name":"${NAME}"}` }),
      /not an array of rows/,
      /INVOCA_BASE_URL$/,
    ],
  ])('fails the credentials, with advice, and skips the rest after %s', async (_title, answer, message, advice) => {
    const invoca = await startInvoca(ONE_CALL);
    invoca.plan({ answer });

    const results = await check({ invoca });

    expect(statesOf(results)).toEqual(NOT_BEGUN);
    expect(results[0]?.message).toMatch(message);
    expect(results[0]?.message).toContain(`GET ${invoca.baseUrl}/api/2020-10-01/networks/transactions/`);
    expect(results[0]?.advice).toMatch(advice ?? /./);
    expect(results[4]?.message).toBe('not tried, because source.credentials failed');
    expect(invoca.requests).toHaveLength(1);
  });

  it('names the token if it is wrong, and is ok right after it is corrected', async () => {
    const invoca = await startInvoca(ONE_CALL);

    const wrong = await check({ invoca, account: { token: 'another-token' } });
    expect(statesOf(wrong)).toEqual(NOT_BEGUN);
    expect(wrong[0]?.message).toContain('401');
    expect(wrong[0]?.advice).toBe('Check the API token. Setting: INVOCA_TOKEN');
    expect(JSON.stringify(wrong)).not.toContain('another-token');

    expect(statesOf(await check({ invoca }))).toEqual(ALL_OK);
  });

  it('names a token that no header can carry', async () => {
    const invoca = await startInvoca(ONE_CALL);
    const results = await check({ invoca, account: { token: 'line\nbreak' } });
    expect(statesOf(results)).toEqual(NOT_BEGUN);
    expect(results[0]?.advice).toContain('INVOCA_TOKEN');
  });

  it('names the base URL if its host does not exist', async () => {
    const invoca = await startInvoca(ONE_CALL);
    const results = await check({ invoca, account: { baseUrl: 'http://no-such-vanity.invalid' } });
    expect(statesOf(results)).toEqual(NOT_BEGUN);
    expect(results[0]?.message).toContain('could not resolve host no-such-vanity.invalid');
    expect(results[0]?.advice).toMatch(/Setting: INVOCA_BASE_URL$/);
  });

  it('names the base URL if nothing listens there', async () => {
    const invoca = await startInvoca(ONE_CALL);
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as { port: number };
    server.close();
    const results = await check({ invoca, account: { baseUrl: `http://127.0.0.1:${port}` } });
    expect(statesOf(results)).toEqual(NOT_BEGUN);
    expect(results[0]?.message).toContain('refused the connection');
  });

  it('names a proxy that refuses, and not the base URL', async () => {
    const invoca = await startInvoca(ONE_CALL);
    const { host } = await startConnectProxy({ hosts: {}, status: 407 });
    const proxy = new URL(`http://${host}`);
    const results = await check({ invoca, account: { baseUrl: 'https://api.example.test', proxy } });
    expect(statesOf(results)).toEqual(NOT_BEGUN);
    expect(results[0]?.message).toContain(`the proxy ${host} (HTTPS_PROXY) demands another user or password`);
    expect(results[0]?.advice).not.toContain('INVOCA_BASE_URL');
  });

  it('fails at the deadline if the source does not answer', async () => {
    const invoca = await startInvoca(ONE_CALL);
    invoca.plan({ answer: hang() });
    const deadline = new Date(Date.now() + 2_000);

    const results = await check({ invoca, input: { deadline } });

    expect(statesOf(results)).toEqual(NOT_BEGUN);
    expect(results[0]?.message).toMatch(/no complete answer within 1\.\d s/);
    expect(results[0]?.advice).toContain('proxy');
  });

  it('rejects with the reason of its signal after an abort', async () => {
    const invoca = await startInvoca(ONE_CALL);
    const abort = new AbortController();
    invoca.plan({
      answer: () => {
        abort.abort(new Error('interrupted'));
      },
    });
    await expect(check({ invoca, input: { signal: abort.signal } })).rejects.toThrow('interrupted');
  });

  it('warns of an answer that is cut off', async () => {
    const invoca = await startInvoca(ONE_CALL);
    invoca.plan({ answer: truncatedJson() });
    const results = await check({ invoca });
    expect(resultOf(results, 'source.credentials')?.state).toBe('ok');
    expect(resultOf(results, 'source.rows')).toMatchObject({ state: 'warning' });
    expect(resultOf(results, 'source.rows')?.message).toContain('cut off');
  });

  it('warns if none of the rows can be stored', async () => {
    const invoca = await startInvoca({ rows: [{ ...aRow('CALL-1'), complete_call_id: null }] });
    const results = await check({ invoca });
    expect(resultOf(results, 'source.rows')).toMatchObject({ state: 'warning' });
    expect(resultOf(results, 'source.rows')?.message).toContain('no-call-id');
    expect(resultOf(results, 'source.transcripts')?.state).toBe('skipped');
  });
});

describe('checks that did not end in time', () => {
  it('fail the credentials, name the host and the proxy, and skip the rest', () => {
    const proxy = new URL('http://user:password@proxy.example.test:3128');
    const account = accountOf({ baseUrl: 'https://api.example.test', token: 'a-token', networkId: '1' }, { proxy });
    const results = unfinishedChecks(account);
    expect(statesOf(results)).toEqual(NOT_BEGUN);
    expect(results[0]?.message).toBe(
      'asking api.example.test through the proxy proxy.example.test:3128 (HTTPS_PROXY): no answer in the time of the check',
    );
  });
});

describe('checkSource for Invoca: limits', () => {
  it('skips everything, without a request, if MongoDB cannot be used', async () => {
    const invoca = await startInvoca(ONE_CALL);
    const results = await check({ invoca, input: { store: null } });
    expect(statesOf(results)).toEqual(ALL_SKIPPED);
    expect(results[0]?.message).toContain('MongoDB');
    expect(invoca.requests).toEqual([]);
  });

  it('skips everything while the account is on hold, and says until when and why', async () => {
    const invoca = await startInvoca(ONE_CALL);
    const name = `a-${randomUUID().slice(0, 8)}`;
    const until = new Date(Date.now() + 2 * DAY_MS);
    const reason = '429 from the API';
    await mongodb.store.limits.hold({ account: name, until, reason, epoch: 0, ceiling: 3 });

    const results = await check({ invoca, account: { name } });

    expect(statesOf(results)).toEqual(ALL_SKIPPED);
    const day = until.toISOString().slice(0, 10);
    expect(results[5]?.message).toMatch(new RegExp(`on hold until ${day} \\d\\d:\\d\\d UTC: 429 from the API$`));
    expect(invoca.requests).toEqual([]);
  });

  it('asks for no transcript while transcripts are on hold', async () => {
    const invoca = await startInvoca(ONE_CALL);
    const name = `a-${randomUUID().slice(0, 8)}`;
    const until = new Date(Date.now() + DAY_MS);
    await mongodb.store.limits.holdTranscripts({ account: name, until, reason: 'the token was refused' });

    const results = await check({ invoca, account: { name } });

    expect(statesOf(results)).toEqual({ ...ALL_OK, 'source.transcripts': 'skipped', 'source.analysis': 'skipped' });
    expect(results[4]?.message).toContain('the token was refused');
    expect(invoca.requests).toHaveLength(1);
  });

  it.each([429, 503])('skips the rest after a %i with Retry-After, and notes nothing', async (status) => {
    const invoca = await startInvoca(ONE_CALL);
    const before = await contents();
    invoca.plan({
      when: ({ path }) => path.startsWith('/call/transcript/'),
      answer: answerWith({ status, headers: { 'retry-after': '600' } }),
    });

    const results = await check({ invoca });

    expect(statesOf(results)).toEqual({ ...ALL_OK, 'source.transcripts': 'skipped', 'source.analysis': 'skipped' });
    expect(results[5]?.message).toMatch(new RegExp(`asks for no requests until .*answered ${status}$`));
    expect(invoca.requests).toHaveLength(2);
    expect(await contents()).toEqual(before);
  });

  it('skips everything after a 429 to the first request', async () => {
    const invoca = await startInvoca(ONE_CALL);
    invoca.plan({ answer: answerWith({ status: 429 }) });
    const results = await check({ invoca });
    expect(statesOf(results)).toEqual(ALL_SKIPPED);
    expect(results[0]?.message).toMatch(/^the API asks for no requests: .*answered 429$/);
    expect(results[1]?.message).toMatch(/^not tried, because the API asks for no requests: /);
    expect(invoca.requests).toHaveLength(1);
  });

  it('skips what does not fit before the deadline at the rate of the account', async () => {
    const invoca = await startInvoca(ONE_CALL);
    const deadline = new Date(Date.now() + 20_000);

    const results = await check({ invoca, account: { requestsPerSecond: 0.01 }, input: { deadline } });

    expect(statesOf(results)).toEqual({ ...ALL_OK, 'source.transcripts': 'skipped', 'source.analysis': 'skipped' });
    expect(results[4]?.message).toBe('not tried, because no time was left for it at 0.01 requests per second');
    expect(invoca.requests).toHaveLength(1);
  });

  it('keeps to the rate that a hold has lowered', async () => {
    const invoca = await startInvoca(ONE_CALL);
    const name = `a-${randomUUID().slice(0, 8)}`;
    const over = { until: new Date(Date.now() - DAY_MS), reason: '429', epoch: 0, ceiling: 0.2 };
    await mongodb.store.limits.hold({ account: name, ...over });

    const results = await check({ invoca, account: { name }, input: { deadline: new Date(Date.now() + 8_000) } });

    expect(results[4]?.message).toContain('at 0.1 requests per second');
    expect(invoca.requests).toHaveLength(1);
  });

  it('begins nothing after the deadline', async () => {
    const invoca = await startInvoca(ONE_CALL);
    const results = await check({ invoca, input: { deadline: new Date() } });
    expect(statesOf(results)).toEqual(ALL_SKIPPED);
    expect(results[0]?.message).toBe('not tried, because no time was left for it');
    expect(invoca.requests).toEqual([]);
  });
});

describe('checkSource for Invoca: zones', () => {
  it('fails a zone that does not fit, and names zones that do', async () => {
    const rows = [aRow('CALL-1', { zone: 'America/New_York' })];
    const invoca = await startInvoca({ rows, timeZone: 'America/New_York' });

    const results = await check({ invoca });

    const wrong = resultOf(results, 'source.time-zone');
    expect(wrong?.state).toBe('failed');
    expect(wrong?.message).toMatch(
      /^a row has the offset -0[45]:00, but America\/Los_Angeles has -0[78]:00 at that time \(transaction T-CALL-1\)$/,
    );
    expect(wrong?.advice).toContain('Zones that fit the rows seen: America/New_York');
    expect(resultOf(results, 'source.platform-time-zone')?.state).toBe('ok');

    const right = await check({ invoca, account: { timeZone: 'America/New_York' } });
    expect(resultOf(right, 'source.time-zone')?.state).toBe('ok');
  });

  it('fails a zone that fits only the newest row', async () => {
    const rows = [
      aRow('CALL-1', { startedAt: new Date('2024-07-01T12:00:00Z') }),
      aRow('CALL-2', { startedAt: new Date('2024-12-01T12:00:00Z') }),
    ];
    const invoca = await startInvoca({ rows });

    const results = await check({ invoca, account: { timeZone: 'Pacific/Pitcairn' } });

    expect(resultOf(results, 'source.time-zone')).toMatchObject({ state: 'failed' });
    expect(resultOf(results, 'source.time-zone')?.message).toContain('T-CALL-1');
  });

  it('warns if no zone is set, and names zones that fit', async () => {
    const invoca = await startInvoca(ONE_CALL);
    const result = resultOf(await check({ invoca, account: { timeZone: null } }), 'source.time-zone');
    expect(result?.state).toBe('warning');
    expect(result?.message).toMatch(/^INVOCA_TIME_ZONE is not set; the rows seen have the UTC offset -0[78]:00$/);
    expect(result?.advice).toContain('Zones that fit the rows seen: America/Los_Angeles');
  });

  it('warns if no zone is set, even if no row could be read', async () => {
    const invoca = await startInvoca(ONE_CALL);
    invoca.plan({ answer: answerWith({ status: 500 }) });
    const result = resultOf(await check({ invoca, account: { timeZone: null } }), 'source.time-zone');
    expect(result).toMatchObject({ state: 'warning', message: 'INVOCA_TIME_ZONE is not set' });
  });

  it('warns if the zone of the platform is another than that of the token', async () => {
    const invoca = await startInvoca({ rows: [aRow('CALL-1', { platform: 'America/Chicago' })] });
    const results = await check({ invoca });
    expect(resultOf(results, 'source.time-zone')?.state).toBe('ok');
    expect(resultOf(results, 'source.platform-time-zone')).toMatchObject({ state: 'warning' });
    expect(resultOf(results, 'source.platform-time-zone')?.advice).toContain('Make a new token');
  });

  it('skips both if the columns are excluded', async () => {
    const invoca = await startInvoca(ONE_CALL);
    const excludeColumns = ['start_time_local', 'start_time_network_timezone'];
    const results = await check({ invoca, account: { excludeColumns } });
    expect(resultOf(results, 'source.time-zone')?.state).toBe('skipped');
    expect(resultOf(results, 'source.platform-time-zone')?.state).toBe('skipped');
  });
});

describe('checkSource for Invoca: transcripts', () => {
  it.each<[string, FakeInvocaOptions, 'ok' | 'warning', 'ok' | 'warning']>([
    ['a transcript and an analysis', {}, 'ok', 'ok'],
    ['neither yet', { transcripts: [{ callId: 'CALL-1', readyAt: new Date(Date.now() + DAY_MS) }] }, 'ok', 'ok'],
    ['an empty list', { transcripts: [{ callId: 'CALL-1', fate: 'silent', notYet: 'empty-list' }] }, 'ok', 'ok'],
    ['no content', { transcripts: [{ callId: 'CALL-1', fate: 'none', notYet: '204' }] }, 'ok', 'ok'],
    ['a transcript that is gone', { transcripts: [{ callId: 'CALL-1', fate: 'gone' }] }, 'ok', 'ok'],
    ['a refusal', { transcripts: [{ callId: 'CALL-1', fate: 'forbidden' }] }, 'warning', 'ok'],
    ['an unknown shape', { transcripts: [{ callId: 'CALL-1', fate: 'unknown-shape' }] }, 'warning', 'ok'],
    ['no right to the analysis', { analysis: 403 }, 'ok', 'warning'],
    ['an analysis that is switched off', { analysis: 'not-applicable' }, 'ok', 'warning'],
    ['no such analysis', { analysis: 404 }, 'ok', 'warning'],
    ['a call it does not know', { transcripts: [] }, 'ok', 'warning'],
  ])('judges %s', async (_title, options, transcripts, analysis) => {
    const invoca = await startInvoca({ ...ONE_CALL, ...options });
    const results = await check({ invoca });
    expect(statesOf(results)).toEqual({ ...ALL_OK, 'source.transcripts': transcripts, 'source.analysis': analysis });
    for (const { state, advice } of results) expect(advice === null).toBe(state === 'ok');
  });

  it('fails transcripts if the source does not answer, and still asks for the analysis', async () => {
    const invoca = await startInvoca(ONE_CALL);
    invoca.plan({ when: ({ path }) => path.startsWith('/call/transcript/'), answer: answerWith({ status: 500 }) });
    expect(statesOf(await check({ invoca }))).toEqual({ ...ALL_OK, 'source.transcripts': 'failed' });
  });

  it('fails transcripts if a web page comes instead', async () => {
    const invoca = await startInvoca(ONE_CALL);
    const answer = answerWith({ status: 200, body: '<!doctype html><html>Sign in</html>' });
    invoca.plan({ when: ({ path }) => path.startsWith('/call/'), answer, times: 2 });
    const results = await check({ invoca });
    expect(statesOf(results)).toEqual({ ...ALL_OK, 'source.transcripts': 'failed', 'source.analysis': 'failed' });
  });

  it('asks for the call with the longest connection, not for one that only rang longer or an event', async () => {
    const rows = [
      { ...aRow('RANG'), connect_duration: 0, duration: 900 },
      { ...aRow('SHORT'), connect_duration: 5 },
      { ...aRow('LONG'), connect_duration: 50 },
      { ...aRow('SALE'), transaction_type: 'Sale', connect_duration: 500 },
    ];
    const invoca = await startInvoca({ rows });
    await check({ invoca });
    expect([...invoca.requestsByCall.keys()]).toEqual(['LONG']);
  });

  it('asks for none if transcripts are off', async () => {
    const invoca = await startInvoca(ONE_CALL);
    const { transcripts } = accountOf(invoca);
    const results = await check({ invoca, account: { transcripts: { ...transcripts, enabled: false } } });
    expect(statesOf(results)).toEqual({ ...ALL_OK, 'source.transcripts': 'skipped', 'source.analysis': 'skipped' });
    expect(results[4]?.message).toContain('INVOCA_TRANSCRIPTS');
    expect(invoca.requests).toHaveLength(1);
  });
});
