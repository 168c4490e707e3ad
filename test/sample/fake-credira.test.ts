import got from 'got';
import { describe, expect, it } from 'vitest';
import type { FakeCredira } from '../../src/sample/credira/fake-credira.js';
import { aCompletedCall, startCredira } from '../support/fake-credira.js';

const start = new Date('2025-06-09T20:00:00Z');
const end = new Date('2025-06-09T20:02:00Z');
const ready = new Date('2025-06-09T20:03:00Z');
const underWay = {
  callId: 'call_2',
  stages: [
    { availableAt: start, fields: { status: 'initiated', duration: 0, brand_new: 1 } },
    { availableAt: end, fields: { status: 'completed', duration: 120, tags: ['plan'] } },
  ],
  transcript: { readyAt: ready, text: 'Agent: Hello.\n' },
};

async function ask(
  credira: FakeCredira,
  path: string,
  { key = credira.apiKey, method = 'GET' }: { key?: string; method?: 'GET' | 'POST' } = {},
) {
  const { statusCode, body } = await got(`${new URL(credira.baseUrl).origin}${path}`, {
    method,
    headers: { authorization: `Bearer ${key}` },
    throwHttpErrors: false,
    retry: { limit: 0 },
  });
  return { status: statusCode, body: body.startsWith('{') ? (JSON.parse(body) as unknown) : body };
}

function refusal(status: number, code: string) {
  return { status, body: { success: false, error: { code }, meta: { request_id: 'req_000000001' } } };
}

describe('the fake Credira', () => {
  it('lists the calls of an invoice in the documented shape', async () => {
    const credira = await startCredira({ invoices: [{ invoiceId: 'inv_1', calls: [aCompletedCall('call_1')] }] });
    const { origin } = new URL(credira.baseUrl);

    await expect(ask(credira, '/v1/calls?invoice_id=inv_1')).resolves.toEqual({
      status: 200,
      body: {
        success: true,
        data: [
          {
            id: 'call_1',
            invoice_id: 'inv_1',
            duration: 180,
            status: 'completed',
            from: '+17755550110',
            to: '+17755550143',
            created_time: '2024-01-15T10:30:00Z',
            transcription_url: `${origin}/transcriptions/call_1.txt`,
            call_recording_url: `${origin}/recordings/call_1.mp3`,
          },
        ],
        meta: { timestamp: expect.any(String) as unknown, request_id: 'req_000000001', total_calls: 1 },
      },
    });
  });

  it('answers "data": false for an invoice without calls', async () => {
    const credira = await startCredira({ invoices: [{ invoiceId: 'inv_1', calls: [] }] });

    await expect(ask(credira, '/v1/calls?invoice_id=inv_1')).resolves.toMatchObject({
      status: 200,
      body: { success: true, data: false, meta: { total_calls: 0 } },
    });
  });

  it.each([
    ['/v1/calls', 400, 'INVALID_REQUEST'],
    ['/v1/calls?invoice_id=', 400, 'INVALID_REQUEST'],
    ['/v1/calls?invoice_id=inv_1&invoice_id=inv_2', 400, 'INVALID_REQUEST'],
    ['/v1/calls?invoice_id=inv_1&page=2', 400, 'INVALID_REQUEST'],
    ['/v1/calls/call_1?verbose=1', 400, 'INVALID_REQUEST'],
    ['/v1/calls?invoice_id=inv_9', 404, 'NOT_FOUND'],
    ['/v1/calls/call_9', 404, 'NOT_FOUND'],
    ['/transcriptions/call_9.txt', 404, 'NOT_FOUND'],
  ])('refuses %s with %i %s', async (path, status, code) => {
    const credira = await startCredira({ invoices: [{ invoiceId: 'inv_1', calls: [aCompletedCall('call_1')] }] });

    await expect(ask(credira, path)).resolves.toMatchObject(refusal(status, code));
  });

  it('refuses another key or method, and knows no other path', async () => {
    const credira = await startCredira();

    await expect(ask(credira, '/v1/calls', { key: 'other' })).resolves.toMatchObject(refusal(401, 'UNAUTHORIZED'));
    await expect(ask(credira, '/v1/calls', { method: 'POST' })).resolves.toMatchObject({ status: 400 });
    await expect(ask(credira, '/v2/calls')).resolves.toMatchObject({ status: 404, body: '<html>Not Found</html>' });
  });

  it('shows each call as it is by the clock, and its transcript once it is ready', async () => {
    let now = new Date(start.getTime() - 1);
    const credira = await startCredira({ invoices: [{ invoiceId: 'inv_1', calls: [underWay] }], now: () => now });
    const listed = async () => (await ask(credira, '/v1/calls?invoice_id=inv_1')).body;

    await expect(listed()).resolves.toMatchObject({ data: false });
    now = start;
    await expect(listed()).resolves.toMatchObject({ data: [{ status: 'initiated', duration: 0, brand_new: 1 }] });
    await expect(listed()).resolves.not.toHaveProperty('data.0.transcription_url');
    now = end;
    await expect(listed()).resolves.toMatchObject({ data: [{ status: 'completed', duration: 120 }] });
    await expect(listed()).resolves.not.toHaveProperty('data.0.tags');
    await expect(ask(credira, '/v1/calls/call_2')).resolves.toMatchObject({ body: { data: { tags: ['plan'] } } });
    await expect(ask(credira, '/transcriptions/call_2.txt')).resolves.toMatchObject({ status: 404 });
    now = ready;
    await expect(ask(credira, '/transcriptions/call_2.txt')).resolves.toEqual({ status: 200, body: 'Agent: Hello.\n' });
    expect(credira.requestsByInvoice).toEqual(new Map([['inv_1', 5]]));
    expect(credira.requestsByCall).toEqual(new Map([['call_2', { call: 1, transcript: 2, delivered: 1 }]]));
  });
});
