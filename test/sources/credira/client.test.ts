import { describe, expect, it } from 'vitest';
import type { CrediraSampleInvoice } from '../../../src/sample/credira/credira-invoice.js';
import type { FakeCredira } from '../../../src/sample/credira/fake-credira.js';
import { answerWith, hang, type Fault } from '../../../src/sample/faults.js';
import type { CrediraCredential } from '../../../src/sources/credira/ask.js';
import { SourceError } from '../../../src/sources/errors.js';
import { aCompletedCall, crediraClientOf, startCredira } from '../../support/fake-credira.js';

const invoiceId = 'inv_987654321';
const callId = 'call_123456789';
const secret = 'secret-of-this-test';

async function anApi(...invoices: readonly CrediraSampleInvoice[]): Promise<FakeCredira> {
  return startCredira({ invoices, apiKey: secret });
}

async function listWithFault(answer: Fault, options: Partial<CrediraCredential> = {}) {
  const credira = await anApi({ invoiceId, calls: [aCompletedCall(callId)] });
  credira.plan({ answer });
  return crediraClientOf(credira, options).listCalls({ invoiceId });
}

async function failureOf(answer: Fault, options?: Partial<CrediraCredential>): Promise<SourceError> {
  const error: unknown = await listWithFault(answer, options).catch((reason: unknown) => reason);
  expect(error).toBeInstanceOf(SourceError);
  return error as SourceError;
}

function saying(body: unknown, status = 200): Fault {
  return answerWith({ status, body: JSON.stringify(body) });
}

function refusing(code: string, status: number): Fault {
  const error = { code, message: 'Nothing for +17755550143' };
  return saying({ success: false, error, meta: { timestamp: 'now', request_id: 'req_77' } }, status);
}

describe('listCalls', () => {
  it('returns the calls of an invoice with all fields, and the instant of the request', async () => {
    const credira = await anApi({ invoiceId, calls: [aCompletedCall(callId), aCompletedCall('call_2')] });
    const before = Date.now();

    const answer = await crediraClientOf(credira).listCalls({ invoiceId });

    expect(answer).toMatchObject({
      kind: 'calls',
      calls: [{ callId, fields: { invoice_id: invoiceId, duration: 180, status: 'completed' } }, { callId: 'call_2' }],
      rejects: [],
      requestId: 'req_000000001',
    });
    expect(answer.requestedAt.getTime()).toBeGreaterThanOrEqual(before);
    expect(answer.kind === 'calls' && answer.calls[0]?.firstSeenAt).toEqual(answer.requestedAt);
    expect(credira.requests).toMatchObject([{ path: '/v1/calls', query: { invoice_id: invoiceId } }]);
  });

  it('reads "data": false as no calls', async () => {
    const credira = await anApi({ invoiceId, calls: [] });

    await expect(crediraClientOf(credira).listCalls({ invoiceId })).resolves.toMatchObject({
      kind: 'calls',
      calls: [],
      rejects: [],
    });
  });

  it.each([
    [{ total_calls: 5, request_id: 'two words' }, 5],
    [{ total_calls: 0, request_id: 'req_77' }, 0],
    [{ total_calls: '5', request_id: 'req_77' }, null],
    [{ total_calls: -1, request_id: 'req_77' }, null],
    [{ total_calls: 1.5, request_id: 'req_77' }, null],
    [{ total_calls: null }, null],
    [{}, null],
    [undefined, null],
    ['5', null],
  ])('reads the number of calls that the meta data %j states', async (meta, statedTotal) => {
    const answer = await listWithFault(saying({ success: true, data: [{ id: callId }], meta }));

    expect(answer).toMatchObject({ kind: 'calls', calls: [{ callId }], statedTotal });
  });

  it('reads the number of calls of a list that is not JSON, with the rejected ones', async () => {
    const body = '{"success":true,"data":[{"id":"call_1" "x"},{"id":"call_2"}],"meta":{"total_calls":2}}';
    const answer = await listWithFault(answerWith({ status: 200, body }));

    expect(answer).toMatchObject({ calls: [{ callId: 'call_2' }], rejects: [{}], isWhole: true, statedTotal: 2 });
  });

  it.each([404, 200, 400, 500])('recognises an unknown invoice by its code, with status %i too', async (status) => {
    await expect(listWithFault(refusing('NOT_FOUND', status))).resolves.toMatchObject({
      kind: 'unknown-invoice',
      requestId: 'req_77',
    });
  });

  it('sends an id of any characters', async () => {
    const odd = 'inv/1 &x=é#';
    const credira = await anApi({ invoiceId: odd, calls: [aCompletedCall(callId)] });

    await expect(crediraClientOf(credira).listCalls({ invoiceId: odd })).resolves.toMatchObject({ kind: 'calls' });
    expect(credira.requestsByInvoice).toEqual(new Map([[odd, 1]]));
  });

  it('adds the invoice to a call that does not name it', async () => {
    const answer = await listWithFault(saying({ success: true, data: [{ id: callId }] }));

    expect(answer).toMatchObject({ calls: [{ callId, fields: { invoice_id: invoiceId } }], requestId: null });
  });

  it('keeps the good calls and rejects the bad ones', async () => {
    let deep: unknown = 1;
    for (let level = 0; level < 60; level += 1) deep = { deep };
    const data = [
      7,
      { status: 'completed' },
      { id: callId, status: 'done' },
      { id: 'call_2', deep },
      { id: 'call_3', notes: 'x'.repeat(1024 * 1024) },
    ];

    const answer = await listWithFault(saying({ success: true, data }));

    expect(answer).toMatchObject({
      calls: [{ callId }],
      rejects: [
        { callId: null, raw: '7', reason: expect.stringMatching(/^not-an-object: /) as unknown },
        { callId: null, raw: '{"status":"completed"}', reason: expect.stringMatching(/^no-call-id: /) as unknown },
        { callId: 'call_2', reason: expect.stringMatching(/^too-deep: /) as unknown },
        { callId: 'call_3', reason: expect.stringMatching(/^too-large: /) as unknown },
      ],
    });
  });
});

describe('an answer that is not JSON', () => {
  const bad = '{"id":"call_2","status":"completed","duration":NaN,"from":"caf\u00e9","cost":12.340000000000001}';
  const good = '{"id":"call_1","status":"completed"}';

  function listing(list: string): Fault {
    const body = Buffer.from(`{"success":true,"data":[${list}],"meta":{"request_id":"req_77","took":NaN}}`, 'latin1');
    return answerWith({ status: 200, body });
  }

  it('costs only the call that cannot be read', async () => {
    const answer = await listWithFault(listing(`${good},${bad},{"id":"call_3","notes":"abc},${good}`));

    expect(answer).toMatchObject({
      kind: 'calls',
      isWhole: true,
      requestId: 'req_77',
      calls: [
        { callId: 'call_1', fields: { invoice_id: invoiceId } },
        { callId: 'call_2', fields: { duration: 'NaN', from: 'caf\ufffd', cost: '12.340000000000001' } },
        { callId: 'call_1' },
      ],
      rejects: [
        {
          callId: 'call_3',
          reason: expect.stringMatching(/^broken-off: /) as unknown,
          raw: '{"id":"call_3","notes":"abc}',
        },
      ],
    });
  });

  it('may be cut off', async () => {
    const body = `{"success":true,"data":[${good},{"id":"call_2","from":"+1775`;

    await expect(listWithFault(answerWith({ status: 200, body }))).resolves.toMatchObject({
      isWhole: false,
      calls: [{ callId: 'call_1' }],
      rejects: [{ callId: 'call_2', raw: '{"id":"call_2","from":"+1775' }],
    });
  });

  it('is read as far as possible if it contains a single call', async () => {
    const credira = await anApi();
    const whole = `{"success":true,"data":${bad.replace('call_2', callId)}}`;
    credira.plan({ answer: answerWith({ status: 200, body: Buffer.from(whole, 'latin1') }) });
    credira.plan({
      answer: answerWith({ status: 200, body: `{"success":true,"data":{"id":"${callId}","from":"+1775` }),
    });
    const client = crediraClientOf(credira);

    await expect(client.getCall({ callId })).resolves.toMatchObject({
      kind: 'call',
      call: { callId, fields: { duration: 'NaN', cost: '12.340000000000001' } },
    });
    await expect(client.getCall({ callId })).resolves.toMatchObject({
      kind: 'reject',
      isWhole: false,
      reject: { callId, raw: expect.stringContaining('+1775') as unknown },
    });
  });

  it('has no calls with 204', async () => {
    const credira = await anApi();
    credira.plan({ answer: answerWith({ status: 204 }), times: 2 });
    const client = crediraClientOf(credira);

    await expect(client.listCalls({ invoiceId })).resolves.toMatchObject({ kind: 'calls', calls: [], isWhole: true });
    await expect(client.getCall({ callId })).resolves.toMatchObject({ kind: 'unknown-call' });
  });
});

describe('getCall', () => {
  it('returns the fields that only this endpoint has', async () => {
    const credira = await anApi({ invoiceId, calls: [aCompletedCall(callId)] });

    const answer = await crediraClientOf(credira).getCall({ callId });

    expect(answer).toMatchObject({
      kind: 'call',
      call: { callId, fields: { start_time: '2024-01-15T10:30:05Z', tags: ['promise'] } },
    });
    expect(credira.requestsByCall.get(callId)).toEqual({ call: 1, transcript: 0, delivered: 0 });
  });

  it('reports an unknown call', async () => {
    const credira = await anApi();

    await expect(crediraClientOf(credira).getCall({ callId })).resolves.toMatchObject({ kind: 'unknown-call' });
  });

  it('rejects an answer about another call', async () => {
    const credira = await anApi();
    credira.plan({ answer: saying({ success: true, data: { id: 'call_2' } }) });

    await expect(crediraClientOf(credira).getCall({ callId })).resolves.toMatchObject({
      kind: 'reject',
      reject: { callId: 'call_2', reason: expect.stringMatching(/^other-call: /) as unknown },
    });
  });
});

describe('a refusal', () => {
  it.each([
    ['UNAUTHORIZED', 200, 'refused', 401],
    ['UNAUTHORIZED', 403, 'refused', 401],
    ['INVALID_REQUEST', 500, 'refused', 400],
    ['RATE_LIMITED', 200, 'rate-limited', 429],
    ['RATE_LIMITED', 503, 'rate-limited', 429],
    ['OUT_OF_ORDER', 200, 'unavailable', 200],
    ['OUT_OF_ORDER', 503, 'unavailable', 503],
    ['OUT_OF_ORDER', 403, 'refused', 403],
  ])('is judged by its code %s, whatever the status %i', async (code, answered, kind, status) => {
    const error = await failureOf(refusing(code, answered));

    expect(error).toMatchObject({ kind, status });
    expect(error.message).toContain(`/v1/calls: answered ${answered}`);
    expect(error.message).toContain(`${code}, request req_77`);
  });

  it('is judged by its status if there is no code', async () => {
    await expect(failureOf(answerWith({ status: 429, headers: { 'retry-after': '7' } }))).resolves.toMatchObject({
      kind: 'rate-limited',
      retryAfterMs: 7_000,
    });
    await expect(failureOf(answerWith({ status: 503, headers: { 'retry-after': '7' } }))).resolves.toMatchObject({
      kind: 'busy',
      retryAfterMs: 7_000,
    });
    await expect(failureOf(answerWith({ status: 404, body: '<html>' }))).resolves.toMatchObject({
      kind: 'refused',
      message: expect.stringContaining('Check the base URL') as unknown,
    });
    await expect(failureOf(answerWith({ status: 302, headers: { location: '/v2' } }))).resolves.toMatchObject({
      kind: 'refused',
      message: expect.stringContaining('Redirects are not followed') as unknown,
    });
  });

  it('of the key advises to check the key', async () => {
    const error = await failureOf(refusing('UNAUTHORIZED', 401));

    expect(error.message).toContain('Check the API key');
  });

  it.each([
    ['HTML', answerWith({ status: 200, body: '<html>' })],
    ['JSON that is cut off before its data', answerWith({ status: 200, body: '{"succ' })],
    ['an empty body', answerWith({ status: 200 })],
    ['JSON without data', saying({ success: true })],
    ['JSON with other data', saying({ success: true, data: 'soon' })],
    ['a list', saying([])],
  ])('is temporary after %s', async (_what, answer) => {
    await expect(failureOf(answer)).resolves.toMatchObject({ kind: 'unavailable', status: 200 });
  });

  it('contains no key, no number, no query and no part of the message', async () => {
    const faults = [refusing('UNAUTHORIZED', 401), refusing('RATE_LIMITED', 429), saying({ success: true }), hang()];
    for (const fault of faults) {
      const { message, stack } = await failureOf(fault, { timeoutMs: 200 });

      expect(`${message} ${stack}`).not.toMatch(new RegExp(`${secret}|5550143|invoice_id|${invoiceId}`));
    }
  });
});
