import { createAnalysisRoute, type AnalysisFeature } from './transcripts/analysis-route.js';
import { createCallRequestCounts, readCallPath, type CallRequests } from './call-requests.js';
import { createCatalog } from './feed/catalog.js';
import { startFakeApi, type FakeApi } from './fake-api.js';
import type { RecordedRequest } from './faults.js';
import { alwaysAvailable, type FeedRow } from './feed/feed-row.js';
import { errorAnswer, Refusal, type Answer } from './refusal.js';
import { servedInvocaAccount } from './sample-account.js';
import type { TranscriptPlan } from './transcripts/transcript-plan.js';
import { createTranscriptRoute } from './transcripts/transcript-route.js';
import { createTransactionsRoute, type OddPaging, type UnknownCursor } from './transactions-route.js';

export interface FakeInvocaOptions {
  readonly feed?: { readonly rows: readonly FeedRow[]; readonly transcripts?: readonly TranscriptPlan[] };
  /** Rows that have always been available, in the order of the feed; replaces `feed`. */
  readonly rows?: readonly unknown[];
  /** Replaces the plans of `feed`. A call without a plan has no transcript and no analysis: 404. */
  readonly transcripts?: readonly TranscriptPlan[];
  /** `on` by default. */
  readonly analysis?: AnalysisFeature;
  readonly token?: string;
  readonly networkId?: string;
  readonly advertiserId?: string;
  readonly affiliateId?: string;
  /** Port to listen on; 0, the default, takes a free one. */
  readonly port?: number;
  /** Clock of the server: rows and transcripts appear when it reaches their instants. */
  readonly now?: () => Date;
  /** Time zone of the token, which decides what a day is. */
  readonly timeZone?: string;
  /** Time zone of the platform today, in which `start_time_network_timezone` is served; by default that of the rows. */
  readonly platformZone?: string;
  /** Answer to a `start_after_transaction_id` that does not exist; undocumented. */
  readonly unknownCursor?: UnknownCursor;
  /** Deviations from the documented paging; none by default. */
  readonly paging?: OddPaging;
}

export interface FakeInvoca extends FakeApi {
  readonly networkId: string;
  readonly advertiserId: string;
  readonly affiliateId: string;
  readonly token: string;
  /** Number of requests for transcripts and analyses, by call id. */
  readonly requestsByCall: ReadonlyMap<string, CallRequests<'transcript' | 'analysis'>>;
}

/** An endpoint: returns null for a path that is not its own. */
type Route = (request: RecordedRequest) => Answer | null;

/**
 * Starts a server on the loopback interface that behaves like the Invoca API: it serves what the documentation
 * promises, refuses everything else, and records each request. Every scope shows all rows of the feed.
 */
export async function startFakeInvoca(options: FakeInvocaOptions = {}): Promise<FakeInvoca> {
  const { networkId, advertiserId, affiliateId, token } = { ...servedInvocaAccount, ...options };
  const { byCall, add } = createCallRequestCounts({ transcript: 0, analysis: 0, delivered: 0 });
  const routes = createRoutes(options, (callId) => add(callId, 'delivered'));
  const api = await startFakeApi({
    port: options.port,
    onRequest({ path }) {
      const call = readCallPath(path);
      if (call !== null) add(call.callId, call.endpoint);
    },
    answer: (request, headers) => answer({ request, routes, isAuthorized: headers.authorization === token }),
  });
  return { ...api, networkId, advertiserId, affiliateId, token, requestsByCall: byCall };
}

function createRoutes(options: FakeInvocaOptions, delivered: (callId: string) => void): readonly Route[] {
  const { networkId, advertiserId, affiliateId, timeZone } = { ...servedInvocaAccount, ...options };
  const rows = options.feed?.rows ?? alwaysAvailable(options.rows ?? []);
  const transcripts = options.transcripts ?? options.feed?.transcripts ?? [];
  const plans = new Map(transcripts.map((plan) => [plan.callId, plan]));
  const now = options.now ?? (() => new Date());
  return [
    createTransactionsRoute({
      catalog: createCatalog({ rows, timeZone, platformZone: options.platformZone ?? null }),
      ids: { networks: networkId, advertisers: advertiserId, affiliates: affiliateId },
      now,
      unknownCursor: options.unknownCursor ?? 'refuse',
      paging: options.paging ?? {},
    }),
    createTranscriptRoute({ plans, now, delivered }),
    createAnalysisRoute({ plans, now, feature: options.analysis ?? 'on' }),
  ];
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
