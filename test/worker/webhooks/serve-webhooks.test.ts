import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { DefaultLogger } from '@temporalio/worker';
import getPort from 'get-port';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { Nudge } from '../../../src/temporal/runs/nudges.js';
import { serveWebhooks, type WebhookServer } from '../../../src/worker/webhooks/serve-webhooks.js';

const SECRET = 'sesame/of+web%hooks?#';
const KEY = { 'x-callweave-secret': SECRET };
const JSON_TYPE = { 'content-type': 'application/json' };
const XML_TYPE = { 'content-type': 'text/xml' };
const FORM_TYPE = { 'content-type': 'application/x-www-form-urlencoded' };
const MIB = 1024 * 1024;

interface World {
  readonly port: number;
  readonly server: WebhookServer;
  readonly signals: readonly Nudge[];
  readonly logged: readonly string[];
  readonly counted: Readonly<Record<string, number>>;
  /** Sends a request and returns the status, the body and some headers of the answer. */
  readonly ask: (path: string, init?: RequestInit) => Promise<Answered>;
  /** Sends bytes and returns everything that is answered until the connection ends. */
  readonly send: (...parts: readonly string[]) => Promise<string>;
  readonly open: () => Promise<Socket>;
}

interface Answered {
  readonly status: number;
  readonly body: unknown;
  readonly headers: Headers;
}

/** Serves webhooks for the account `east`. `sendNudge` stands for Temporal, which a test of its own has. */
async function serve(sendNudge: (nudge: Nudge) => Promise<void> = () => Promise.resolve()): Promise<World> {
  const port = await getPort();
  const signals: Nudge[] = [];
  const logged: string[] = [];
  const counted: Record<string, number> = {};
  const server = await serveWebhooks({
    address: `127.0.0.1:${port}`,
    secrets: new Map([['east', SECRET]]),
    sendNudge: (nudge) => {
      signals.push(nudge);
      return sendNudge(nudge);
    },
    count: ({ account, status }) => {
      counted[`${account} ${status}`] = (counted[`${account} ${status}`] ?? 0) + 1;
    },
    logger: new DefaultLogger('WARN', ({ message, meta }) => logged.push(`${message} ${JSON.stringify(meta)}`)),
  });
  onTestFinished(() => server.close());
  const open = async (): Promise<Socket> => {
    const socket = connect({ port, host: '127.0.0.1' });
    onTestFinished(() => void socket.destroy());
    socket.on('error', () => undefined);
    await once(socket, 'connect');
    return socket;
  };
  return {
    port,
    server,
    signals,
    logged,
    counted,
    ask: async (path, init) => {
      const response = await fetch(`http://127.0.0.1:${port}${path}`, init);
      const text = await response.text();
      return { status: response.status, body: text === '' ? '' : JSON.parse(text), headers: response.headers };
    },
    send: async (...parts) => {
      const socket = await open();
      const answer = answerOn(socket);
      for (const part of parts) socket.write(part);
      return answer;
    },
    open,
  };
}

/** Request of a POST with the right secret, as it is on the wire, with `Connection: close`. */
function wire({
  head = '',
  body = '',
  path = '/webhooks/east',
}: {
  head?: string;
  body?: string;
  path?: string;
}): string {
  const secret = `X-Callweave-Secret: ${SECRET}\r\n`;
  return `POST ${path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n${secret}${head}\r\n${body}`;
}

const HEADER = `Bearer ${SECRET}`;
const ENCODED = encodeURIComponent(SECRET);

describe('the receiver of webhooks', () => {
  it.each<[string, string, RequestInit, number, unknown]>([
    // What it takes.
    ['JSON', '/webhooks/east', post(JSON_TYPE, '{"call_id":"C","n":{"transaction_id":"T"}}'), 202, took(2)],
    ['JSON with a mark', '/webhooks/east', post(JSON_TYPE, '\ufeff{"call_id":"C"}'), 202, took(1)],
    [
      'JSON of a kind',
      '/webhooks/east',
      post({ 'content-type': 'Application/Hal+JSON; charset="UTF-8"' }, '{"call_id":"C"}'),
      202,
      took(1),
    ],
    ['a form', '/webhooks/east', post(FORM_TYPE, 'Call_Id=C&call_id=D&transaction_id=T'), 202, took(2)],
    [
      'XML',
      '/webhooks/east',
      post(XML_TYPE, '<?xml version="1.0"?><a>\n<b call_id="&#67;"/>\n<x:callId>D</x:callId></a>'),
      202,
      took(2),
    ],
    ['XML that is an id', '/webhooks/east', post(XML_TYPE, '<call_id> C </call_id>'), 202, took(1)],
    ['XML of depth 8', '/webhooks/east', post(XML_TYPE, deepXml(8)), 202, took(1)],
    ['XML of depth 9', '/webhooks/east', post(XML_TYPE, deepXml(9)), 200, took(0)],
    ['a query', '/webhooks/east?call_id=C&call_id=5550100', { headers: KEY }, 202, took(1, 1)],
    ['a query and a body', '/webhooks/east?call_id=C', post(JSON_TYPE, '{"call_id":"D"}'), 202, took(2)],
    ['a POST without a body', '/webhooks/east?call_id=C', { method: 'POST', headers: KEY }, 202, took(1)],
    ['no id', '/webhooks/east', post(JSON_TYPE, '{"call_id":null,"caller":"5550100"}'), 200, took(0, 1)],
    ['nothing', '/webhooks/east', { headers: KEY }, 200, took(0)],
    ['a body of 1 MiB', '/webhooks/east', post(JSON_TYPE, '1'.padEnd(MIB)), 200, took(0)],
    // Secrets.
    ['a bearer', '/webhooks/east', { headers: { authorization: HEADER } }, 200, took(0)],
    ['a bearer, other case', '/webhooks/east', { headers: { authorization: HEADER.replace('B', 'b') } }, 200, took(0)],
    ['a secret in the path', `/webhooks/east/${ENCODED}`, {}, 200, took(0)],
    ['a slash at the end', '/webhooks/east/', { headers: KEY }, 200, took(0)],
    ['a login of the proxy', `/webhooks/east/${ENCODED}`, { headers: { authorization: 'Basic eDp5' } }, 200, took(0)],
    ['no secret', '/webhooks/east', {}, 401, noSecret()],
    ['a wrong bearer', '/webhooks/east', { headers: { authorization: 'Bearer x' } }, 401, noSecret()],
    ['a wrong header', '/webhooks/east', { headers: { 'x-callweave-secret': `${SECRET}x` } }, 401, noSecret()],
    ['a wrong path', '/webhooks/east/wrong', { headers: KEY }, 401, noSecret()],
    ['a secret in the query', `/webhooks/east?secret=${ENCODED}`, {}, 401, noSecret()],
    // The order of refusals.
    [
      'an unknown account',
      '/webhooks/west',
      { method: 'PUT', headers: KEY },
      404,
      error('There are no webhooks here.'),
    ],
    ['another path', `/webhooks/east/${ENCODED}/x`, { headers: KEY }, 404, error('There are no webhooks here.')],
    ['the root', '/', {}, 404, error('There are no webhooks here.')],
    ['a doubled slash', '//webhooks/east', { headers: KEY }, 404, error('There are no webhooks here.')],
    ['an inherited name', '/webhooks/__proto__', { headers: KEY }, 404, error('There are no webhooks here.')],
    [
      'PUT without a secret',
      '/webhooks/east',
      { method: 'PUT', body: 'x' },
      405,
      error('Webhooks are sent by GET or POST.'),
    ],
    ['HEAD', '/webhooks/east', { method: 'HEAD' }, 405, ''],
    ['a long body without a secret', '/webhooks/east', { method: 'POST', body: ' '.repeat(3 * MIB) }, 401, noSecret()],
    [
      'a long body of no type',
      '/webhooks/east',
      post({ 'content-type': 'text/plain' }, ' '.repeat(MIB + 1)),
      413,
      error('The body is over 1 MiB.'),
    ],
    ['text', '/webhooks/east', post({ 'content-type': 'text/plain' }, '{'), 415, wrongType()],
    ['a file', '/webhooks/east', post({ 'content-type': 'multipart/form-data; boundary=x' }, '{'), 415, wrongType()],
    ['no type', '/webhooks/east', post({}, new Uint8Array([1])), 415, wrongType()],
    [
      'gzip',
      '/webhooks/east',
      post({ ...JSON_TYPE, 'content-encoding': 'gzip' }, '{'),
      415,
      error('The body must not be compressed (Content-Encoding).'),
    ],
    [
      'UTF-16',
      '/webhooks/east',
      post({ 'content-type': 'application/json;charset=utf-16' }, '{'),
      415,
      error('The character set must be UTF-8.'),
    ],
    ['half of JSON', '/webhooks/east?call_id=C', post(JSON_TYPE, '{"call_id":'), 400, unreadable()],
    ['no JSON', '/webhooks/east', post(JSON_TYPE, ''), 400, unreadable()],
    ['Latin-1', '/webhooks/east', post(JSON_TYPE, Buffer.from('"é"', 'latin1')), 400, unreadable()],
    ['half of XML', '/webhooks/east', post(XML_TYPE, '<a><call_id>C</call_id>'), 400, unreadable()],
    ['no XML', '/webhooks/east', post(XML_TYPE, 'C'), 400, unreadable()],
    ['two roots', '/webhooks/east', post(XML_TYPE, '<a/><b/>'), 400, unreadable()],
    ['a document type', '/webhooks/east', post(XML_TYPE, '<!DOCTYPE a><a/>'), 400, unreadable()],
    [
      'an entity',
      '/webhooks/east',
      post(XML_TYPE, '<!DOCTYPE a [<!ENTITY e "C">]><call_id>&e;</call_id>'),
      400,
      unreadable(),
    ],
    ['an entity of HTML', '/webhooks/east', post(XML_TYPE, '<call_id>&nbsp;</call_id>'), 400, unreadable()],
  ])('answers %s', async (_, path, init, status, body) => {
    const world = await serve();

    const answer = await world.ask(path, init);

    expect([answer.status, answer.body]).toEqual([status, body]);
    expect(world.signals).toHaveLength(status === 202 ? 1 : 0);
    expect(world.counted).toEqual(status === 404 ? {} : { [`east ${status}`]: 1 });
    expect(answer.headers.get('allow')).toBe(status === 405 ? 'GET, POST' : null);
    expect(answer.headers.get('www-authenticate')).toBe(status === 401 ? 'Bearer' : null);
    expect(world.logged.join()).not.toMatch(/sesame|5550100/);
  });

  it('hands over the ids alone, and those of one moment in one signal', async () => {
    const { ask, signals } = await serve();

    const answers = await Promise.all([
      ask('/webhooks/east?call_id=C', post(JSON_TYPE, '{"transaction_id":"T","caller":"5550100","name":"Jo"}')),
      ask('/webhooks/east', post(FORM_TYPE, 'call_id=D&call_id=C')),
    ]);

    expect(answers.map(({ status }) => status)).toEqual([202, 202]);
    expect(signals).toHaveLength(1);
    expect(signals[0]?.account).toBe('east');
    expect(signals[0]?.ids.callIds.toSorted()).toEqual(['C', 'D']);
    expect(signals[0]?.ids.transactionIds).toEqual(['T']);
  });

  it('answers 202 only once the signal is sent, and 503 if it cannot be', async () => {
    const { promise, resolve } = deferred();
    const { ask, logged } = await serve(() => promise);
    let isAnswered = false;
    const waiting = ask('/webhooks/east?call_id=C', { headers: KEY }).finally(() => (isAnswered = true));
    await ask('/webhooks/east', { headers: KEY });
    await sleep(100);
    expect(isAnswered).toBe(false);
    resolve();
    expect((await waiting).status).toBe(202);

    const away = await serve(() => Promise.reject(new Error('Temporal is away')));
    const refused = await Promise.all(
      Array.from({ length: 20 }, () => away.ask('/webhooks/east?call_id=C', { headers: KEY })),
    );
    expect(new Set(refused.map(({ status }) => status))).toEqual(new Set([503]));
    expect(refused[0]?.headers.get('retry-after')).toBe('10');
    expect(away.logged).toHaveLength(1);
    expect(logged).toEqual([]);
  });

  it('logs one line for a flood of wrong secrets', async () => {
    const { ask, logged, counted } = await serve();

    await Promise.all(Array.from({ length: 50 }, (_, n) => ask(`/webhooks/east/wrong-${n}?call_id=C${n}`)));

    expect(counted).toEqual({ 'east 401': 50 });
    expect(logged).toEqual(['A webhook has no secret or a wrong one {"account":"east","times":1}']);
  });

  it('names the setting of an address that is taken', async () => {
    const { port } = await serve();

    await expect(
      serveWebhooks({
        address: `127.0.0.1:${port}`,
        secrets: new Map(),
        sendNudge: () => Promise.resolve(),
        count: () => undefined,
        logger: new DefaultLogger('ERROR'),
      }),
    ).rejects.toThrow(/^Cannot serve the webhooks at 127\.0\.0\.1:\d+: .*EADDRINUSE.* Set CALLWEAVE_WEBHOOK_ADDRESS/);
  });
});

describe('on the wire, the receiver of webhooks', () => {
  it.each([
    ['a URL with its host', wire({ path: 'http://callweave.example/webhooks/east?call_id=C' }), 202],
    ['an encoded path', wire({ path: '/webhooks/%65ast?call_id=C' }), 202],
    ['an encoded slash', wire({ path: '/webhooks%2feast?call_id=C' }), 404],
    ['half of an escape', wire({ path: '/webhooks/east%?call_id=C' }), 404],
    ['dots', wire({ path: '/x/../webhooks/east?call_id=C' }), 404],
    ['no path', wire({ path: '*' }), 404],
    ['HTTP/1.0', wire({ path: '/webhooks/east?call_id=C' }).replace('HTTP/1.1', 'HTTP/1.0'), 202],
    [
      'chunks',
      wire({ head: 'Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n', body: '2\r\n{}\r\n0\r\n\r\n' }),
      200,
    ],
    ['two lengths', wire({ head: 'Content-Length: 2\r\nTransfer-Encoding: chunked\r\n', body: '{}' }), 400],
    ['no HTTP', 'hello\r\n\r\n', 400],
    ['many headers', wire({ head: 'X-Filler: x\r\n'.repeat(2_000) }), 431],
    ['a secret twice', wire({ head: `X-Callweave-Secret: ${SECRET}\r\n` }), 401],
  ])('answers %s', async (_, bytes, status) => {
    const { send } = await serve();

    expect(await send(bytes)).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `));
  });

  it('refuses an endless body without reading it, whatever its secret', async () => {
    const { open, ask } = await serve();
    for (const [head, status] of [
      [wire({ head: 'Transfer-Encoding: chunked\r\n' }), 413],
      [wire({ head: 'Transfer-Encoding: chunked\r\n' }).replace(SECRET, 'wrong'), 401],
      [wire({ head: `Content-Length: ${1024 * MIB}\r\n` }), 413],
    ] as const) {
      const socket = await open();
      const answer = answerOn(socket);
      socket.write(head);
      const chunk = Buffer.concat([Buffer.from('10000\r\n'), Buffer.alloc(65_536, 'x'), Buffer.from('\r\n')]);
      while (!socket.destroyed) {
        if (!socket.write(chunk)) await Promise.race([once(socket, 'drain').catch(() => undefined), answer]);
      }
      expect(await answer).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `));
      expect(socket.bytesWritten).toBeLessThan(64 * MIB);
    }
    expect((await ask('/webhooks/east', { headers: KEY })).status).toBe(200);
  });

  it('asks for a body that is announced only if it wants it', async () => {
    const { send, open } = await serve();
    const expecting = (length: number): string =>
      wire({ head: `Expect: 100-continue\r\nContent-Type: application/json\r\nContent-Length: ${length}\r\n` });

    const socket = await open();
    socket.write(expecting(15));
    expect(String((await once(socket, 'data'))[0])).toBe('HTTP/1.1 100 Continue\r\n\r\n');
    socket.write('{"call_id":"C"}');
    expect(String((await once(socket, 'data'))[0])).toMatch(/^HTTP\/1\.1 202 /);
    const refused = [expecting(2 * MIB), expecting(15).replace(SECRET, 'wrong')].map((head) => send(head));
    expect((await Promise.all(refused)).map((answer) => answer.slice(0, 13))).toEqual([
      'HTTP/1.1 413 ',
      'HTTP/1.1 401 ',
    ]);
  });

  it('answers requests that are sent without waiting, in their order', async () => {
    const { send, signals } = await serve();
    const get = (path: string): string => `GET ${path} HTTP/1.1\r\nHost: x\r\nX-Callweave-Secret: ${SECRET}\r\n\r\n`;

    const answers = await send(get('/webhooks/east?call_id=C'), get('/x'), get('/webhooks/east?call_id=D'), wire({}));

    expect(answers.match(/HTTP\/1\.1 \d+/g)).toEqual(['HTTP/1.1 202', 'HTTP/1.1 404', 'HTTP/1.1 202', 'HTTP/1.1 200']);
    expect(signals).toHaveLength(1);
  });

  it('serves others beside a thousand silent connections and as many unfinished bodies', async () => {
    const { open, ask } = await serve();
    const sockets = await Promise.all(Array.from({ length: 1_000 }, open));
    for (const socket of sockets.slice(0, 500)) socket.write(wire({ head: 'Content-Length: 9\r\n', body: '{' }));

    expect((await ask('/webhooks/east?call_id=C', { headers: KEY })).status).toBe(202);
  });
});

describe('the end of the receiver', () => {
  it('takes no more, sends what is collected, and answers what it has', async () => {
    const { ask, server, signals, open } = await serve();
    const idle = answerOn(await open());
    const slow = await open();
    slow.write(wire({ head: 'Content-Type: application/json\r\nContent-Length: 15\r\n', body: '{"call_id"' }));
    const waiting = ask('/webhooks/east?call_id=D', { headers: KEY });
    await ask('/webhooks/east', { headers: KEY });

    const closed = server.close();
    await expect(ask('/webhooks/east', { headers: KEY })).rejects.toThrow();
    slow.write(':"C"}');
    const answer = await answerOn(slow);
    await closed;

    expect(answer).toMatch(/^HTTP\/1\.1 202 /);
    expect((await waiting).status).toBe(202);
    expect(signals.flatMap(({ ids }) => ids.callIds).toSorted()).toEqual(['C', 'D']);
    expect(await idle).toBe('');
  });

  it('waits a few seconds only for a body that does not end', { timeout: 20_000 }, async () => {
    const { server, open, ask } = await serve();
    const endless = await open();
    endless.write(wire({ head: 'Content-Length: 15\r\n', body: '{' }));
    await ask('/webhooks/east', { headers: KEY });
    const answer = answerOn(endless);

    await server.close();

    expect(await answer).toBe('');
  });
});

function post(headers: Record<string, string>, body: string | Uint8Array<ArrayBuffer>): RequestInit {
  return { method: 'POST', headers: { ...KEY, ...headers }, body };
}

function took(accepted: number, ignored = 0): object {
  return { accepted, ignored };
}

function error(message: string): object {
  return { error: message };
}

function noSecret(): object {
  return error('The secret is missing or wrong.');
}

function wrongType(): object {
  return error('The content type must be application/json, application/x-www-form-urlencoded or application/xml.');
}

function unreadable(): object {
  return error('The body cannot be read as its content type says.');
}

/** Returns a document whose innermost element, which holds the id, has this depth. */
function deepXml(depth: number): string {
  return `${'<a>'.repeat(depth)}<call_id>C</call_id>${'</a>'.repeat(depth)}`;
}

function deferred(): { promise: Promise<void>; resolve: () => void } {
  let resolve = (): void => undefined;
  const promise = new Promise<void>((onDone) => {
    resolve = onDone;
  });
  return { promise, resolve };
}

/** Returns everything that is received until the connection ends, also if it breaks. */
async function answerOn(socket: Socket): Promise<string> {
  let answer = '';
  socket.on('data', (chunk: Buffer) => (answer += chunk.toString('latin1')));
  await new Promise((resolve) => socket.once('close', resolve));
  return answer;
}
