import { once } from 'node:events';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { AlertMessage } from '../../../src/domain/alerts/alert-message.js';
import { AlertFailure, createAlertClient, type AlertClientOptions } from '../../../src/sources/alerts/alert-client.js';
import { startAlertReceiver } from '../../support/alert-receiver.js';
import { selfSigned } from '../../support/certificates.js';
import { startConnectProxy } from '../../support/connect-proxy.js';

const ALERT: AlertMessage = {
  id: 'b1946ac9-2492-4d8b-8b3a-2f1c0e7f9d11',
  account: 'acme',
  code: 'drain-failed',
  state: 'raised',
  message: 'the last drain failed: <GET> & 401. Check the API token.',
  since: new Date('2025-06-09T11:58:03.000Z'),
  at: new Date('2025-06-09T12:00:00.000Z'),
  url: 'http://127.0.0.1:8233/namespaces/default/workflows?query=CallweaveAccount%20%3D%20%22acme%22&x=1',
};

function clientOf(options: Partial<AlertClientOptions> & Pick<AlertClientOptions, 'url'>) {
  return createAlertClient({ format: 'json', proxy: null, heartbeat: null, ...options });
}

async function failureOf(attempt: Promise<void>): Promise<AlertFailure> {
  const error: unknown = await attempt.then(
    () => null,
    (thrown: unknown) => thrown,
  );
  if (error instanceof AlertFailure) return error;
  throw new Error('the post did not fail', { cause: error });
}

describe('an alert', () => {
  it('is posted as JSON', async () => {
    const receiver = await startAlertReceiver();

    await clientOf(receiver).post(ALERT);

    const [request, ...others] = receiver.requests;
    expect(others).toEqual([]);
    expect(request).toMatchObject({ method: 'POST', contentType: 'application/json' });
    expect(request?.path).toBe(`${receiver.url.pathname}${receiver.url.search}`);
    expect(JSON.parse(request?.body ?? '')).toEqual({
      ...ALERT,
      since: '2025-06-09T11:58:03.000Z',
      at: '2025-06-09T12:00:00.000Z',
    });
  });

  it('is posted as Slack takes it, with what Slack would read as markup escaped', async () => {
    const receiver = await startAlertReceiver();
    const client = clientOf({ url: receiver.url, format: 'slack' });

    await client.post(ALERT);
    await client.post({
      ...ALERT,
      account: null,
      code: 'unknown-schedules',
      state: 'resolved',
      since: null,
      url: null,
    });

    const texts = receiver.requests.map(({ body }) => JSON.parse(body) as { text: string });
    expect(texts[0]).toEqual({
      text:
        ':red_circle: Raised *acme: drain-failed*\n' +
        'the last drain failed: &lt;GET&gt; &amp; 401. Check the API token.\n' +
        'since 2025-06-09 11:58 UTC · raised 2025-06-09 12:00 UTC · ' +
        '<http://127.0.0.1:8233/namespaces/default/workflows?query=CallweaveAccount%20%3D%20%22acme%22&amp;x=1|Temporal>',
      unfurl_links: false,
      unfurl_media: false,
    });
    expect(texts[1]?.text).toBe(
      ':large_green_circle: Resolved *unknown-schedules*\n' +
        'the last drain failed: &lt;GET&gt; &amp; 401. Check the API token.\nresolved 2025-06-09 12:00 UTC',
    );
  });

  it.each([
    [400, true, null],
    [404, true, null],
    [302, true, null],
    [408, false, null],
    [429, false, '7'],
    [500, false, null],
    [503, false, '30'],
  ])(
    'that is answered with %i has not arrived, whether or not it is worth a repetition',
    async (status, isRefusal, after) => {
      const receiver = await startAlertReceiver();
      receiver.answer = (_, response) => {
        const headers = { location: receiver.heartbeatUrl.href, ...(after !== null && { 'retry-after': after }) };
        response.writeHead(status, headers).end('no_service\n');
        return status;
      };

      const failure = await failureOf(clientOf(receiver).post(ALERT));

      expect(failure).toMatchObject({ isRefusal, askedForMs: after === null ? null : Number(after) * 1_000 });
      expect(failure.message).toBe(`${status} (no_service)`);
      expect(receiver.requests).toHaveLength(1);
    },
  );

  it('without an answer fails with a reason that has no part of the URL', async () => {
    const receiver = await startAlertReceiver();
    receiver.answer = (_, response) => {
      response.destroy();
      return undefined;
    };
    const tls = createServer(selfSigned, (_, response) => response.end()).listen(0, '127.0.0.1');
    await once(tls, 'listening');
    const { port } = tls.address() as AddressInfo;
    onTestFinished(() => {
      tls.close();
    });
    const proxy = await startConnectProxy({ hosts: {}, status: 407 });

    const failures = await Promise.all([
      failureOf(clientOf(receiver).post(ALERT)),
      failureOf(clientOf({ url: new URL('http://127.0.0.1:1/SECRET') }).post(ALERT)),
      failureOf(clientOf({ url: new URL(`https://localhost:${String(port)}/SECRET`) }).post(ALERT)),
      failureOf(
        clientOf({ url: new URL('https://hooks.example.test/SECRET'), proxy: new URL(`http://${proxy.host}`) }).post(
          ALERT,
        ),
      ),
    ]);

    expect(failures.map(({ message }) => message)).toEqual([
      'no connection: ECONNRESET',
      'no connection: ECONNREFUSED',
      'no connection: DEPTH_ZERO_SELF_SIGNED_CERT',
      'no connection: the proxy answered 407',
    ]);
    expect(failures.every(({ isRefusal }) => !isRefusal)).toBe(true);
    expect(proxy.asked).toEqual(['hooks.example.test:443']);
  });
});

describe('the heartbeat', () => {
  it('is a GET to its own URL', async () => {
    const receiver = await startAlertReceiver();

    await clientOf({ url: receiver.url, heartbeat: { url: receiver.heartbeatUrl, proxy: null } }).beat?.();

    expect(receiver.requests).toEqual([
      { method: 'GET', path: receiver.heartbeatUrl.pathname, contentType: undefined, body: '', alert: null },
    ]);
    expect(clientOf(receiver).beat).toBeNull();
  });
});
