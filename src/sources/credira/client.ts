import type { CrediraCall } from '../../domain/credira/credira-call.js';
import type { RejectedRow } from '../../domain/rejected-row.js';
import { askCredira, unknownShape, type Answered, type CrediraCredential } from './ask.js';
import { parseCall } from './parse-calls.js';

/** Calls of an invoice; an empty list if it has none yet. */
export type CrediraListAnswer =
  | (Answered & {
      readonly kind: 'calls';
      readonly calls: readonly CrediraCall[];
      readonly rejects: readonly RejectedRow[];
      /** False if the answer is cut off: its last call may be incomplete, and more calls may have followed. */
      readonly isWhole: boolean;
      /** Number of calls that Credira says the list has; null if it does not say so in a usable way. */
      readonly statedTotal: number | null;
    })
  | (Answered & { readonly kind: 'unknown-invoice' });

/** One call; `reject` if it cannot be read, with `isWhole` false if the answer is cut off. */
export type CrediraCallAnswer =
  | (Answered & { readonly kind: 'call'; readonly call: CrediraCall })
  | (Answered & { readonly kind: 'reject'; readonly reject: RejectedRow; readonly isWhole: boolean })
  | (Answered & { readonly kind: 'unknown-call' });

/** Reads calls. Each function makes one request, and throws a SourceError, or `signal.reason` after an abort. */
export interface CrediraClient {
  listCalls(request: { readonly invoiceId: string; readonly signal?: AbortSignal }): Promise<CrediraListAnswer>;
  /** Fetches one call, with fields that the list lacks: `start_time`, `updated_time`, `summary`, `tags` and others. */
  getCall(request: { readonly callId: string; readonly signal?: AbortSignal }): Promise<CrediraCallAnswer>;
}

/**
 * Creates a reader of one account's calls, documented at https://credira.mintlify.app/api/calls and
 * https://credira.mintlify.app/api/calls-by-id
 */
export function createCrediraClient(credential: CrediraCredential): CrediraClient {
  return {
    async listCalls({ invoiceId, signal }) {
      const path = `/calls?${new URLSearchParams({ invoice_id: invoiceId }).toString()}`;
      const answer = await askCredira({ credential, path, signal });
      const { requestedAt, requestId } = answer;
      if (answer.kind === 'not-found') return { kind: 'unknown-invoice', requestedAt, requestId };

      const { data, isWhole, statedTotal } = answer.kind === 'data' ? answer : NO_CALLS;
      const rows = requireCalls(data, requestId);
      const parsed = rows.map((row) => parseCall({ row, asked: { invoice_id: invoiceId }, seenAt: requestedAt }));
      return {
        kind: 'calls',
        calls: parsed.flatMap((call) => ('accepted' in call ? [call.accepted] : [])),
        rejects: parsed.flatMap((call) => ('rejected' in call ? [call.rejected] : [])),
        isWhole,
        statedTotal,
        requestedAt,
        requestId,
      };
    },
    async getCall({ callId, signal }) {
      const path = `/calls/${encodeURIComponent(callId)}`;
      const answer = await askCredira({ credential, path, signal });
      const { requestedAt, requestId } = answer;
      if (answer.kind !== 'data') return { kind: 'unknown-call', requestedAt, requestId };

      const parsed = parseCall({ row: answer.data, asked: { id: callId }, seenAt: requestedAt });
      return 'accepted' in parsed
        ? { kind: 'call', call: parsed.accepted, requestedAt, requestId }
        : { kind: 'reject', reject: parsed.rejected, isWhole: answer.isWhole, requestedAt, requestId };
    },
  };
}

const NO_CALLS = { data: [], isWhole: true, statedTotal: null } as const;

/** Returns the list of calls: Credira writes `false` if an invoice has none. Throws a SourceError for other data. */
function requireCalls(data: unknown, requestId: string | null): readonly unknown[] {
  if (Array.isArray(data)) return data;
  if (data === false || data === null) return [];
  throw unknownShape({
    subject: 'GET /calls',
    status: 200,
    said: requestId === null ? null : `request ${requestId}`,
  });
}
