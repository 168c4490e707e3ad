import type { RecordedRequest } from '../faults.js';

export interface CrediraCallRequests {
  readonly call: number;
  readonly transcript: number;
  /** Transcript requests which were answered with a transcript. */
  readonly delivered: number;
}

/** A path of the endpoints that are asked call by call. */
interface CrediraCallPath {
  readonly endpoint: 'call' | 'transcript';
  readonly callId: string;
}

export interface CrediraRequestCounts {
  readonly requested: (request: RecordedRequest) => void;
  readonly delivered: (callId: string) => void;
  readonly byInvoice: ReadonlyMap<string, number>;
  readonly byCall: ReadonlyMap<string, CrediraCallRequests>;
}

export const listPath = '/v1/calls';

const endpoints = [
  { endpoint: 'call', pattern: /^\/v1\/calls\/([^/]+)$/ },
  { endpoint: 'transcript', pattern: /^\/transcriptions\/([^/]+)\.txt$/ },
] as const;

/** Null for any other path. */
export function readCrediraCallPath(path: string): CrediraCallPath | null {
  for (const { endpoint, pattern } of endpoints) {
    const [, text] = pattern.exec(path) ?? [];
    if (text !== undefined) return { endpoint, callId: decode(text) };
  }
  return null;
}

export function createCrediraRequestCounts(): CrediraRequestCounts {
  const byInvoice = new Map<string, number>();
  const byCall = new Map<string, CrediraCallRequests>();
  const add = (callId: string, what: keyof CrediraCallRequests) => {
    const counts = byCall.get(callId) ?? { call: 0, transcript: 0, delivered: 0 };
    byCall.set(callId, { ...counts, [what]: counts[what] + 1 });
  };
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

/** A text that cannot be decoded is nobody's id. */
function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
