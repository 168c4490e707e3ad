import { once } from 'node:events';
import { createServer } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createAnalysisRoute } from './analysis-route.js';
import type { AnalysisFeature } from './analysis-route.js';
import { createCallRequestCounts } from './call-requests.js';
import type { CallRequestCounts, CallRequests } from './call-requests.js';
import { createCatalog } from './catalog.js';
import { createFaultPlans } from './faults.js';
import type { FaultPlan, RecordedRequest } from './faults.js';
import { alwaysAvailable } from './feed-row.js';
import type { FeedRow } from './feed-row.js';
import { errorAnswer, Refusal } from './refusal.js';
import type { Answer } from './refusal.js';
import { sampleAccount } from './sample-account.js';
import type { TranscriptPlan } from './transcript-plan.js';
import { createTranscriptRoute } from './transcript-route.js';
import { createTransactionsRoute } from './transactions-route.js';
import type { UnknownCursor } from './transactions-route.js';

export interface FakeInvocaOptions {
  readonly feed?: { readonly rows: readonly FeedRow[]; readonly transcripts?: readonly TranscriptPlan[] };
  /** Rows which have always been available, in the order of the feed; in place of `feed`. */
  readonly rows?: readonly unknown[];
  /** In place of those of `feed`. A call without a plan has no transcript and no analysis: 404. */
  readonly transcripts?: readonly TranscriptPlan[];
  /** `on` by default. */
  readonly analysis?: AnalysisFeature;
  readonly token?: string;
  readonly networkId?: string;
  readonly advertiserId?: string;
  readonly affiliateId?: string;
  /** 0, the default, takes a free one. */
  readonly port?: number;
  /** The server's clock: it shows the rows available by then, and the transcripts. */
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
  /** How many of them were for transcripts and analyses, by call id. */
  readonly requestsByCall: ReadonlyMap<string, CallRequests>;
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
  const calls = createCallRequestCounts();
  const routes = createRoutes(options, calls);
  const requests: RecordedRequest[] = [];
  const plans = createFaultPlans();
  const server = createServer((incoming, response) => {
    const request = record(incoming, response);
    requests.push(request);
    calls.requested(request.path);
    const isAuthorized = incoming.headers.authorization === token;
    const regularAnswer = () => answer({ request, routes, isAuthorized });
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
    requestsByCall: calls.byCall,
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

function createRoutes(options: FakeInvocaOptions, calls: CallRequestCounts): readonly Route[] {
  const { networkId, advertiserId, affiliateId, timeZone } = { ...sampleAccount, ...options };
  const rows = options.feed?.rows ?? alwaysAvailable(options.rows ?? []);
  const transcripts = options.transcripts ?? options.feed?.transcripts ?? [];
  const plans = new Map(transcripts.map((plan) => [plan.callId, plan]));
  const now = options.now ?? (() => new Date());
  return [
    createTransactionsRoute({
      catalog: createCatalog({ rows, timeZone }),
      ids: { networks: networkId, advertisers: advertiserId, affiliates: affiliateId },
      now,
      unknownCursor: options.unknownCursor ?? 'refuse',
    }),
    createTranscriptRoute({ plans, now, delivered: calls.delivered }),
    createAnalysisRoute({ plans, now, feature: options.analysis ?? 'on' }),
  ];
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
