import type { CrediraCall } from '../../domain/credira-call.js';
import type { RejectedRow } from '../transaction-page.js';

export interface CrediraClientOptions {
  /** `https://api.credira.com/v1` */
  readonly baseUrl: string;
  readonly apiKey: string;
  /** For a whole request, 150 s by default. */
  readonly timeoutMs?: number;
}

/** What every answer tells. */
interface Answered {
  /** The instant of the request. */
  readonly requestedAt: Date;
  /** Credira's name for the request, for a log and for their support; null where it gives none. */
  readonly requestId: string | null;
}

/** The calls of an invoice; none where there are none yet. */
interface InvoiceCalls extends Answered {
  readonly kind: 'calls';
  readonly calls: readonly CrediraCall[];
  readonly rejects: readonly RejectedRow[];
}

interface UnknownInvoice extends Answered {
  readonly kind: 'unknown-invoice';
}

export type CrediraListAnswer = InvoiceCalls | UnknownInvoice;

/** `reject`: the call cannot be read. */
export type CrediraCallAnswer =
  | (Answered & { readonly kind: 'call'; readonly call: CrediraCall })
  | (Answered & { readonly kind: 'reject'; readonly reject: RejectedRow })
  | (Answered & { readonly kind: 'unknown-call' });

/** Each function makes one request, and throws a SourceError, or `signal.reason` after an abort. */
export interface CrediraClient {
  listCalls(request: { readonly invoiceId: string; readonly signal?: AbortSignal }): Promise<CrediraListAnswer>;
  /** Says more of a call than the list does: `start_time`, `updated_time`, `summary`, `tags` and others. */
  getCall(request: { readonly callId: string; readonly signal?: AbortSignal }): Promise<CrediraCallAnswer>;
}
