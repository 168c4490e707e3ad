import { createCrediraRequestCounts, type CrediraCallRequests } from './credira-requests.js';
import type { CrediraSampleInvoice } from './credira-invoice.js';
import { crediraErrorAnswer, CrediraRefusal, type CrediraMeta } from './credira-refusal.js';
import { createCrediraRoutes, type CrediraRoute } from './credira-routes.js';
import { startFakeApi, type FakeApi } from '../fake-api.js';
import type { RecordedRequest } from '../faults.js';
import type { Answer } from '../refusal.js';
import { servedCrediraAccount } from '../sample-account.js';

export interface FakeCrediraOptions {
  /** Invoices that the API knows; none by default. */
  readonly invoices?: readonly CrediraSampleInvoice[];
  readonly apiKey?: string;
  /** Port to listen on; 0, the default, takes a free one. */
  readonly port?: number;
  /** Clock of the server. */
  readonly now?: () => Date;
  /** Origin in the URLs of transcripts with the fate `foreign-host`. */
  readonly foreignOrigin?: string;
}

export interface FakeCredira extends FakeApi {
  /** Base URL with the version, `…/v1`. */
  readonly baseUrl: string;
  readonly apiKey: string;
  /** Number of requests for the calls of an invoice, by invoice id. */
  readonly requestsByInvoice: ReadonlyMap<string, number>;
  /** Number of requests for a single call or its transcript, by call id. */
  readonly requestsByCall: ReadonlyMap<string, CrediraCallRequests>;
}

/**
 * Starts a server on the loopback interface that behaves like the Credira API: it serves what the documentation
 * promises, refuses everything else, and records each request.
 */
export async function startFakeCredira(options: FakeCrediraOptions = {}): Promise<FakeCredira> {
  const { invoices = [], apiKey = servedCrediraAccount.apiKey, now = () => new Date(), port } = options;
  const { foreignOrigin = 'https://transcripts.example' } = options;
  const counts = createCrediraRequestCounts();
  const origin = () => api.baseUrl;
  const routes = createCrediraRoutes({ invoices, now, origin, foreignOrigin, delivered: counts.delivered });
  let answers = 0;
  const api = await startFakeApi({
    port,
    onRequest: counts.requested,
    answer: (request, headers) => {
      answers += 1;
      const meta = { timestamp: now().toISOString(), request_id: `req_${String(answers).padStart(9, '0')}` };
      return answer({ request, routes, meta, isAuthorized: headers.authorization === `Bearer ${apiKey}` });
    },
  });
  const { byInvoice: requestsByInvoice, byCall: requestsByCall } = counts;
  return { ...api, baseUrl: `${api.baseUrl}/v1`, apiKey, requestsByInvoice, requestsByCall };
}

interface RequestToAnswer {
  readonly request: RecordedRequest;
  readonly routes: readonly CrediraRoute[];
  readonly meta: CrediraMeta;
  readonly isAuthorized: boolean;
}

function answer({ request, routes, meta, isAuthorized }: RequestToAnswer): Answer {
  try {
    if (!isAuthorized) throw new CrediraRefusal('Invalid or missing API key', 'UNAUTHORIZED');
    if (request.method !== 'GET') throw new CrediraRefusal('Only GET is served', 'INVALID_REQUEST');
    for (const route of routes) {
      const served = route(request, meta);
      if (served !== null) return served;
    }
    // No error of the API: the path belongs to no endpoint.
    return { status: 404, headers: { 'content-type': 'text/html' }, body: '<html>Not Found</html>' };
  } catch (error) {
    if (error instanceof CrediraRefusal) return crediraErrorAnswer(error, meta);
    throw error;
  }
}
