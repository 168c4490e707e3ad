import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { onTestFinished } from 'vitest';

/** A request that a receiver of alerts got. */
interface ReceivedRequest {
  readonly method: string;
  readonly path: string;
  readonly contentType: string | undefined;
  readonly body: string;
  /** The body as JSON; null if there is none. */
  readonly alert: ReceivedAlert | null;
}

interface ReceivedAlert {
  readonly id: string;
  readonly account: string | null;
  readonly code: string;
  readonly state: string;
  readonly message: string;
}

export interface AlertReceiver {
  readonly url: URL;
  readonly heartbeatUrl: URL;
  /** Everything it got, oldest first. */
  readonly requests: readonly ReceivedRequest[];
  /** The posted alerts, oldest first, repetitions included. */
  readonly alerts: () => ReceivedAlert[];
  readonly heartbeats: () => number;
  /** Decides the answer to each post from now on; 204 if it returns nothing. */
  answer: (request: ReceivedRequest, response: ServerResponse) => number | undefined;
}

/** Starts a server that takes alerts until the test ends. The path of its URL is secret. */
export async function startAlertReceiver(): Promise<AlertReceiver> {
  const requests: ReceivedRequest[] = [];
  const server = createServer((incoming, response) => {
    void (async () => {
      const body = await text(incoming);
      const { method = '', url: path = '', headers } = incoming;
      const alert = body === '' ? null : (JSON.parse(body) as ReceivedAlert);
      const request = { method, path, contentType: headers['content-type'], body, alert };
      requests.push(request);
      const status = method === 'POST' ? (receiver.answer(request, response) ?? 204) : 204;
      if (!response.writableEnded) response.writeHead(status).end();
    })();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.close();
    server.closeAllConnections();
  });
  const base = `http://127.0.0.1:${String((server.address() as AddressInfo).port)}`;
  const receiver: AlertReceiver = {
    url: new URL(`${base}/hooks/SECRET-PATH-4711?key=SECRET-QUERY-4712`),
    heartbeatUrl: new URL(`${base}/beats/SECRET-BEAT-4713`),
    requests,
    alerts: () => requests.flatMap(({ alert }) => alert ?? []),
    heartbeats: () => requests.filter(({ path }) => path.startsWith('/beats/')).length,
    answer: () => undefined,
  };
  return receiver;
}
