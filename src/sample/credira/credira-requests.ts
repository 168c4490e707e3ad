import { callPathReader, createCallRequestCounts, type CallRequests } from '../call-requests.js';
import type { RecordedRequest } from '../faults.js';

export type CrediraCallRequests = CallRequests<'call' | 'transcript'>;

export const listPath = '/v1/calls';

export const readCrediraCallPath = callPathReader(
  { endpoint: 'call', pattern: /^\/v1\/calls\/([^/]+)$/ },
  { endpoint: 'transcript', pattern: /^\/transcriptions\/([^/]+)\.txt$/ },
);

interface CrediraRequestCounts {
  readonly requested: (request: RecordedRequest) => void;
  readonly delivered: (callId: string) => void;
  readonly byInvoice: ReadonlyMap<string, number>;
  readonly byCall: ReadonlyMap<string, CrediraCallRequests>;
}

export function createCrediraRequestCounts(): CrediraRequestCounts {
  const byInvoice = new Map<string, number>();
  const { byCall, add } = createCallRequestCounts({ call: 0, transcript: 0, delivered: 0 });
  return {
    requested({ path, query }) {
      const { invoice_id: invoiceId } = query;
      if (path === listPath && typeof invoiceId === 'string') {
        byInvoice.set(invoiceId, (byInvoice.get(invoiceId) ?? 0) + 1);
      }
      const call = readCrediraCallPath(path);
      if (call !== null) add(call.callId, call.endpoint);
    },
    delivered: (callId) => add(callId, 'delivered'),
    byInvoice,
    byCall,
  };
}
