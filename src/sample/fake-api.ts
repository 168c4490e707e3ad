import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createFaultPlans, type FaultPlan, type RecordedRequest } from './faults.js';
import type { Answer } from './refusal.js';

export interface FakeApi {
  readonly baseUrl: string;
  /** All requests so far, in order. */
  readonly requests: readonly RecordedRequest[];
  /** Plans a fault for one or more future requests. */
  plan(plan: FaultPlan): void;
  /** Plans that no request has used up. A test that leaves some has not tested what its title claims. */
  unusedPlans(): readonly FaultPlan[];
  close(): Promise<void>;
}

interface FakeApiOptions {
  /** Port to listen on; 0, the default, takes a free one. */
  readonly port?: number | undefined;
  /** Called for each request that is received. */
  readonly onRequest: (request: RecordedRequest) => void;
  readonly answer: (request: RecordedRequest, headers: IncomingHttpHeaders) => Answer;
}

/**
 * Starts a server on the loopback interface that records each request and answers it, unless a fault is planned for it.
 */
export async function startFakeApi({ port = 0, onRequest, answer }: FakeApiOptions): Promise<FakeApi> {
  const requests: RecordedRequest[] = [];
  const plans = createFaultPlans();
  const server = createServer((incoming, response) => {
    const request = record(incoming, response);
    requests.push(request);
    onRequest(request);
    const regularAnswer = () => answer(request, incoming.headers);
    const fault = plans.take(request);
    if (fault === null) send(response, regularAnswer());
    else fault({ request, response, regularAnswer });
  });
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address() as AddressInfo;
  return {
    baseUrl: `http://127.0.0.1:${address.port}`,
    requests,
    plan: plans.add,
    unusedPlans: plans.unused,
    async close() {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}

function record(incoming: IncomingMessage, response: ServerResponse): RecordedRequest {
  const url = new URL(incoming.url ?? '/', 'http://127.0.0.1');
  const names = [...new Set(url.searchParams.keys())];
  return {
    method: incoming.method ?? '',
    path: url.pathname,
    query: Object.fromEntries(names.map((name) => [name, readParameter(url.searchParams, name)])),
    at: new Date(),
    get status() {
      return response.headersSent ? response.statusCode : null;
    },
  };
}

function readParameter(parameters: URLSearchParams, name: string): string | string[] {
  // Older versions of Invoca took the token here. It is refused, and must not be recorded either.
  if (name === 'oauth_token') return '(hidden)';
  const [value = '', ...more] = parameters.getAll(name);
  return more.length === 0 ? value : [value, ...more];
}

function send(response: ServerResponse, { status, headers, body }: Answer): void {
  response.writeHead(status, headers).end(body);
}
