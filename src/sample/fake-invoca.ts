import { once } from 'node:events';
import { createServer } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createCatalog } from './catalog.js';
import { createFaultPlans } from './faults.js';
import type { FaultPlan, RecordedRequest } from './faults.js';
import { alwaysAvailable } from './feed-row.js';
import type { FeedRow } from './feed-row.js';
import { errorAnswer, Refusal } from './refusal.js';
import type { Answer } from './refusal.js';
import { sampleAccount } from './sample-account.js';
import { createTransactionsRoute } from './transactions-route.js';
import type { UnknownCursor } from './transactions-route.js';

export interface FakeInvocaOptions {
  readonly feed?: { readonly rows: readonly FeedRow[] };
  /** Rows which have always been available, in the order of the feed; in place of `feed`. */
  readonly rows?: readonly unknown[];
  readonly token?: string;
  readonly networkId?: string;
  readonly advertiserId?: string;
  readonly affiliateId?: string;
  /** 0, the default, takes a free one. */
  readonly port?: number;
  /** The server's clock: it shows the rows available by then. */
  readonly now?: () => Date;
  /** Of the token: what a day means. */
  readonly timeZone?: string;
  /** What is said to a `start_after_transaction_id` that is not there; undocumented. */
  readonly unknownCursor?: UnknownCursor;
}

export interface FakeInvoca {
  readonly baseUrl: string;
  readonly networkId: string;
  readonly advertiserId: string;
  readonly affiliateId: string;
  readonly token: string;
  /** All requests so far, in order. */
  readonly requests: readonly RecordedRequest[];
  /** Has one or more coming requests answered otherwise. */
  plan(plan: FaultPlan): void;
  /** Plans for which no request has come yet: a test that leaves some behind has not tested what it says. */
  unusedPlans(): readonly FaultPlan[];
  close(): Promise<void>;
}

/** An endpoint: gives null for a path that is not its own. */
export type Route = (request: RecordedRequest) => Answer | null;

/**
 * Starts a server on the loopback interface that behaves as the Invoca API does: it serves what the documentation promises,
 * refuses everything else, and records each request. Every scope shows all rows of the feed.
 */
export async function startFakeInvoca(options: FakeInvocaOptions = {}): Promise<FakeInvoca> {
  const { networkId, advertiserId, affiliateId, token } = { ...sampleAccount, ...options };
  const catalog = createCatalog({
    rows: options.feed?.rows ?? alwaysAvailable(options.rows ?? []),
    timeZone: options.timeZone ?? sampleAccount.timeZone,
  });
  const transactions = createTransactionsRoute({
    catalog,
    ids: { networks: networkId, advertisers: advertiserId, affiliates: affiliateId },
    now: options.now ?? (() => new Date()),
    unknownCursor: options.unknownCursor ?? 'refuse',
  });
  const requests: RecordedRequest[] = [];
  const plans = createFaultPlans();
  const server = createServer((incoming, response) => {
    const request = record(incoming, response);
    requests.push(request);
    const regularAnswer = () =>
      answer({ request, routes: [transactions], isAuthorized: incoming.headers.authorization === token });
    const fault = plans.take(request);
    if (fault === null) send(response, regularAnswer());
    else fault({ request, response, regularAnswer });
  });
  server.listen(options.port ?? 0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    baseUrl: `http://127.0.0.1:${port}`,
    networkId,
    advertiserId,
    affiliateId,
    token,
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
  // Older versions took the token here; it is refused, and must not be recorded either.
  if (name === 'oauth_token') return '(hidden)';
  const [value = '', ...more] = parameters.getAll(name);
  return more.length === 0 ? value : [value, ...more];
}

interface RequestToAnswer {
  readonly request: RecordedRequest;
  readonly routes: readonly Route[];
  readonly isAuthorized: boolean;
}

function answer({ request, routes, isAuthorized }: RequestToAnswer): Answer {
  try {
    if (!isAuthorized) throw unauthorized();
    if (request.method !== 'GET') throw new Refusal('only GET is served', { status: 405, errorClass: 'InvalidMethod' });
    for (const route of routes) {
      const served = route(request);
      if (served !== null) return served;
    }
    throw new Refusal(request.path, { status: 404, errorClass: 'RecordNotFound' });
  } catch (error) {
    if (error instanceof Refusal) return errorAnswer(error);
    throw error;
  }
}

function unauthorized(): Refusal {
  return new Refusal('Invalid or missing oauth token', { status: 401, errorClass: 'UnauthorizedOperation' });
}

function send(response: ServerResponse, { status, headers, body }: Answer): void {
  response.writeHead(status, headers).end(body);
}
