import { gzipSync } from 'node:zlib';
import { createServer as createTlsServer } from 'node:https';
import { createServer, type AddressInfo, type Server } from 'node:net';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it, onTestFinished } from 'vitest';
import { answerWith, hang, hangMidBody, resetMidBody, type Fault } from '../../../src/sample/faults.js';
import { SourceError } from '../../../src/sources/errors.js';
import { getAnswer, type HttpGet } from '../../../src/sources/http/http.js';
import { expired, selfSigned } from '../../support/certificates.js';
import { minimalRows, startInvoca } from '../../support/fake-invoca.js';

const secret = 'secret-of-this-test';

async function getWithFault(answer: Fault, request: Partial<HttpGet> = {}) {
  const invoca = await startInvoca({ rows: minimalRows(50), token: secret });
  invoca.plan({ answer });
  const url = new URL(`${invoca.baseUrl}/api/2020-10-01/networks/transactions/${invoca.networkId}.json?limit=50`);
  return getAnswer({ url, headers: { authorization: secret }, ...request }, () => false);
}

/** Returns the port of a server that listens until the test ends. */
async function listening(server: Server): Promise<number> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.close();
  });
  return (server.address() as AddressInfo).port;
}

async function failureOf(answer: Fault, request?: Partial<HttpGet>): Promise<SourceError> {
  const error: unknown = await getWithFault(answer, request).catch((reason: unknown) => reason);
  expect(error).toBeInstanceOf(SourceError);
  return error as SourceError;
}

describe('a request', () => {
  it.each([
    [429, 'rate-limited'],
    [500, 'unavailable'],
    [502, 'unavailable'],
    [503, 'unavailable'],
    [504, 'too-much'],
    [400, 'refused'],
    [401, 'refused'],
    [403, 'refused'],
    [404, 'refused'],
    [408, 'unavailable'],
    [410, 'refused'],
    [301, 'refused'],
    [302, 'refused'],
    [304, 'refused'],
  ])('translates status %i to %s', async (status, kind) => {
    const error = await failureOf(answerWith({ status, body: '<html>sorry</html>' }));

    expect(error).toMatchObject({ kind, status, retryAfterMs: null });
  });

  it.each([
    [400, 'API version'],
    [401, 'API token'],
    [403, 'arguments'],
    [404, 'base URL'],
    [302, 'Redirects are not followed'],
  ])('names what to check after %i', async (status, advice) => {
    const error = await failureOf(answerWith({ status }));

    expect(error.message).toContain(advice);
  });

  it('names the class of a documented error body, and nothing else of it', async () => {
    const body = JSON.stringify({ errors: { class: 'InvalidInput', invalid_data: 'caller 775-555-0143' } });

    const error = await failureOf(answerWith({ status: 403, body }));

    expect(error.message).toContain('InvalidInput');
    expect(error.message).not.toContain('555-0143');
  });

  it.each([
    ['7', 7_000],
    ['0', 1_000],
    ['100000', 3_600_000],
    [new Date(Date.now() + 30 * 86_400_000).toUTCString(), 3_600_000],
    ['later', null],
  ])('reads Retry-After %j', async (header, retryAfterMs) => {
    const error = await failureOf(answerWith({ status: 429, headers: { 'retry-after': header } }));

    expect(error.retryAfterMs).toBe(retryAfterMs);
  });

  it.each([
    [503, '120', 'busy', 120_000],
    [503, '0', 'busy', 1_000],
    [503, new Date(Date.now() + 30 * 86_400_000).toUTCString(), 'busy', 3_600_000],
    [503, 'later', 'unavailable', null],
    [502, '120', 'unavailable', 120_000],
    [504, '120', 'too-much', 120_000],
  ])('reads %i with Retry-After %j as %s', async (status, header, kind, retryAfterMs) => {
    const error = await failureOf(answerWith({ status, headers: { 'retry-after': header } }));

    expect(error).toMatchObject({ kind, status, retryAfterMs });
  });

  it('never follows a redirect', async () => {
    const elsewhere = await startInvoca();

    const error = await failureOf(answerWith({ status: 302, headers: { location: `${elsewhere.baseUrl}/` } }));

    expect(error.kind).toBe('refused');
    expect(elsewhere.requests).toEqual([]);
  });

  it.each([
    ['a reset in the middle of the body', resetMidBody()],
    ['a broken gzip body', answerWith({ status: 200, headers: { 'content-encoding': 'gzip' }, body: 'no gzip' })],
    [
      'a gzip body that is cut off',
      answerWith({ status: 200, headers: { 'content-encoding': 'gzip' }, body: gzipSync('[1,2,3]').subarray(0, 15) }),
    ],
  ])('reports the source as unavailable after %s', async (_what, fault) => {
    const error = await failureOf(fault);

    expect(error.kind).toBe('unavailable');
  });

  it('reports the source as unavailable after a refused connection', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    server.close();
    await once(server, 'close');

    const get = getAnswer(
      { url: new URL(`http://127.0.0.1:${port}/x?limit=1`), headers: { authorization: secret } },
      () => false,
    );

    await expect(get).rejects.toMatchObject({ kind: 'unavailable', status: null });
    await expect(get).rejects.toThrow(/refused the connection \(ECONNREFUSED\)\. Check the host and port/);
  });

  it.each([
    ['self-signed', selfSigned, /localhost:\d+ is not trusted \(DEPTH_ZERO_SELF_SIGNED_CERT\)\. .*NODE_EXTRA_CA_CERTS/],
    ['expired', expired, /localhost:\d+ has expired \(CERT_HAS_EXPIRED\)\. .*clock.*NODE_EXTRA_CA_CERTS/],
  ])('advises on a certificate that is %s', async (_what, certificate, words) => {
    const port = await listening(createTlsServer(certificate, (_request, response) => response.end('[]')));

    const get = getAnswer(
      { url: new URL(`https://localhost:${port}/x?limit=1`), headers: { authorization: secret } },
      () => false,
    );

    await expect(get).rejects.toMatchObject({ kind: 'unavailable', status: null });
    await expect(get).rejects.toThrow(words);
  });

  it('reports a server that does not use TLS or HTTP', async () => {
    const port = await listening(createServer((socket) => socket.once('data', () => socket.end('SSH-2.0-x\r\n'))));

    const byTls = getAnswer({ url: new URL(`https://127.0.0.1:${port}/x`), headers: {} }, () => false);
    const byHttp = getAnswer({ url: new URL(`http://127.0.0.1:${port}/x`), headers: {} }, () => false);

    await expect(byTls).rejects.toThrow(/no TLS connection .* \(EPROTO\)\. Check the scheme/);
    await expect(byHttp).rejects.toThrow(/not HTTP \(HPE_\w+\)\. Check the scheme/);
  });

  it('reports a host that cannot be resolved, and what to check', async () => {
    const get = getAnswer(
      { url: new URL('https://no-such-host.invalid/x?limit=1'), headers: { authorization: secret } },
      () => false,
    );

    await expect(get).rejects.toMatchObject({ kind: 'unavailable', status: null });
    await expect(get).rejects.toThrow(/could not resolve host no-such-host\.invalid \(\w+\)\. Check the host name/);
  });

  it('reads gzip', async () => {
    const body = gzipSync('["größer"]');

    const answer = await getWithFault(answerWith({ status: 200, headers: { 'content-encoding': 'gzip' }, body }));

    expect(answer.body?.toString()).toBe('["größer"]');
  });

  it.each([
    ['before the answer', hang()],
    ['in the middle of the body', hangMidBody()],
  ])('stops at the timeout %s, and advises to ask for less', async (_when, fault) => {
    const error = await failureOf(fault, { timeoutMs: 200 });

    expect(error).toMatchObject({ kind: 'too-much', status: null });
  });

  it('does not count the time in which the body waits for room in memory', async () => {
    const answer = answerWith({ status: 200, headers: { 'content-length': '2' }, body: '[]' });
    const asked: number[] = [];
    const room = {
      reserve: (bytes: number) => sleep(2_000, void asked.push(bytes)),
      hold: (bytes: number) => Promise.resolve(void asked.push(bytes)),
      settle: (bytes: number) => void asked.push(bytes),
    };

    const { body } = await getWithFault(answer, { timeoutMs: 1_500, room });

    expect(body?.toString()).toBe('[]');
    expect(asked).toEqual([2, 2, 2]);
  });

  it('refuses a body whose stated length is over the limit without reading it', async () => {
    const announced: Fault = ({ response }) => response.writeHead(200, { 'content-length': 5_000 }).flushHeaders();

    await expect(getWithFault(announced, { bodyCapBytes: 4_999 })).resolves.toEqual({ status: 200, body: null });
  });

  it('stops reading an endless body at the limit', async () => {
    const closings: Promise<unknown>[] = [];
    const endless: Fault = ({ response }) => {
      closings.push(once(response, 'close'));
      const write = () => {
        while (!response.destroyed && response.write(' '.repeat(10_000)));
      };
      response.on('drain', write);
      write();
    };

    await expect(getWithFault(endless, { bodyCapBytes: 100_000 })).resolves.toEqual({ status: 200, body: null });
    await expect(Promise.all(closings)).resolves.toHaveLength(1);
  });

  it('counts decompressed bytes against the limit', async () => {
    const bomb = gzipSync(Buffer.alloc(20_000_000, ' '));
    expect(bomb.length).toBeLessThan(100_000);

    const answer = answerWith({ status: 200, headers: { 'content-encoding': 'gzip' }, body: bomb });

    await expect(getWithFault(answer, { bodyCapBytes: 1_000_000 })).resolves.toEqual({ status: 200, body: null });
  });

  it('accepts a body of exactly the limit', async () => {
    const answer = await getWithFault(answerWith({ status: 200, body: '[123]' }), { bodyCapBytes: 5 });

    expect(answer.body?.toString()).toBe('[123]');
  });

  it.each([
    ['before the answer', hang()],
    ['in the middle of the body', hangMidBody()],
  ])('rejects with the reason of an abort %s', async (_when, fault) => {
    const controller = new AbortController();
    const reason = new Error('the worker shuts down');
    const abortingFault: Fault = (exchange) => {
      fault(exchange);
      setImmediate(() => controller.abort(reason));
    };

    await expect(getWithFault(abortingFault, { signal: controller.signal })).rejects.toBe(reason);
  });

  it('makes no request after an abort', async () => {
    const invoca = await startInvoca();
    const reason = new Error('too late');

    const request = { url: new URL(invoca.baseUrl), headers: {}, signal: AbortSignal.abort(reason) };
    const get = getAnswer(request, () => false);

    await expect(get).rejects.toBe(reason);
    expect(invoca.requests).toEqual([]);
  });

  it('makes a single request, whatever the answer', async () => {
    const invoca = await startInvoca();
    invoca.plan({ answer: answerWith({ status: 503 }) });

    const get = getAnswer({ url: new URL(invoca.baseUrl), headers: {} }, () => false);
    await expect(get).rejects.toThrow(SourceError);

    expect(invoca.requests).toHaveLength(1);
  });

  it.each([
    ['a refusal', answerWith({ status: 403 })],
    ['a reset', resetMidBody()],
    ['a timeout', hang()],
    ['a 503 with Retry-After', answerWith({ status: 503, headers: { 'retry-after': '9' } })],
  ])('names the request that failed after %s, without secret and query', async (_what, fault) => {
    const error = await failureOf(fault, { timeoutMs: 300 });

    expect(error.message).toContain('/networks/transactions/');
    expect(`${error.message}${error.stack}${JSON.stringify(error)}`).not.toContain(secret);
    expect(error.message).not.toContain('limit=');
    expect(error.cause).toBeUndefined();
  });

  it('refuses a token that cannot be sent', async () => {
    const invoca = await startInvoca();
    onTestFinished(() => expect(invoca.requests).toEqual([]));

    const get = getAnswer({ url: new URL(invoca.baseUrl), headers: { authorization: 'two\nlines' } }, () => false);

    await expect(get).rejects.toMatchObject({ kind: 'refused' });
  });
});

describe('getAnswer', () => {
  async function answerTo(answer: Fault, bodyCapBytes = 10) {
    const invoca = await startInvoca();
    invoca.plan({ answer });
    const request = { url: new URL(invoca.baseUrl), headers: {}, bodyCapBytes };
    return getAnswer(request, (status) => status === 404);
  }

  it('returns the status and the bytes of a 2xx answer, whatever they are', async () => {
    await expect(answerTo(answerWith({ status: 201, body: 'no JSON' }))).resolves.toEqual({
      status: 201,
      body: Buffer.from('no JSON'),
    });
    await expect(answerTo(answerWith({ status: 204 }))).resolves.toEqual({ status: 204, body: Buffer.of() });
  });

  it('returns no body over the limit', async () => {
    await expect(answerTo(answerWith({ status: 200, body: 'x'.repeat(11) }))).resolves.toEqual({
      status: 200,
      body: null,
    });
  });

  it('returns a status that the caller expects, and fails with any other', async () => {
    await expect(answerTo(answerWith({ status: 404, body: 'unread' }))).resolves.toEqual({ status: 404, body: null });
    await expect(answerTo(answerWith({ status: 410 }))).rejects.toMatchObject({ kind: 'refused', status: 410 });
  });
});
