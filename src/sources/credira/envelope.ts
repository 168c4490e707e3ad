import { z } from 'zod';
import { SourceError } from '../errors.js';
import { refusalError } from '../http/http-status.js';

/** What stands around the data of every answer, those of errors too. */
const Envelope = z.object({
  success: z.unknown().optional(),
  data: z.unknown().optional(),
  /** A code is a word and may be shown; the message beside it may repeat what was sent. */
  error: z
    .object({ code: z.string().regex(/^[A-Za-z_]{1,60}$/) })
    .nullish()
    .catch(null),
  meta: z
    .object({ request_id: z.string().regex(/^[\w.:-]{1,80}$/) })
    .nullish()
    .catch(null),
});

export type CrediraEnvelope = z.output<typeof Envelope>;

interface EnvelopeToJudge {
  /** Names the request. */
  readonly subject: string;
  readonly status: number;
  readonly retryAfter: string | undefined;
  /** Null where the body is none. */
  readonly envelope: CrediraEnvelope | null;
}

interface Meaning {
  readonly status: number;
  readonly advice?: string;
}

/** What the documented codes stand for, whatever the HTTP status: which statuses they come with is not documented. */
const meanings: ReadonlyMap<string, Meaning> = new Map<string, Meaning>([
  ['INVALID_REQUEST', { status: 400, advice: 'Check the id that was asked for.' }],
  ['UNAUTHORIZED', { status: 401, advice: 'Check the API key.' }],
  ['RATE_LIMITED', { status: 429 }],
]);

/** Null for JSON of another shape. */
export function readEnvelope(value: unknown): CrediraEnvelope | null {
  return Envelope.safeParse(value).data ?? null;
}

export function requestIdOf(envelope: CrediraEnvelope | null): string | null {
  return envelope?.meta?.request_id ?? null;
}

/**
 * Null where the answer is no refusal. `not-found` is said by the code alone: a bare 404 says that the address is
 * wrong.
 */
export function refusalOf({
  subject,
  status,
  retryAfter,
  envelope,
}: EnvelopeToJudge): SourceError | 'not-found' | null {
  if (status < 300 && envelope?.success !== false) return null;
  const code = envelope?.error?.code ?? null;
  if (code === 'NOT_FOUND') return 'not-found';
  const said = saidBy(envelope);
  const meaning = code === null ? undefined : meanings.get(code);
  if (meaning === undefined && status < 300) {
    return new SourceError(
      `${subject}: answered ${status} with success: false${said === null ? '' : ` (${said})`}. ` +
        'The same request may work later; if this goes on, ask Credira.',
      { kind: 'unavailable', status },
    );
  }
  return refusalError({
    subject,
    answered: status,
    status: meaning?.status ?? status,
    retryAfter,
    said,
    advice: meaning?.advice ?? adviceOn(status),
  });
}

/** The code and the id of the request, as far as there are any. */
export function saidBy(envelope: CrediraEnvelope | null): string | null {
  const requestId = requestIdOf(envelope);
  const words = [envelope?.error?.code, requestId === null ? null : `request ${requestId}`].filter((word) => word);
  return words.length === 0 ? null : words.join(', ');
}

/** Where the advice that goes with a status is about things Credira does not have. */
function adviceOn(status: number): string | undefined {
  if (status === 400 || status === 404) return 'Check the base URL.';
  if (status === 401 || status === 403) return "Check the API key and its account's rights.";
  return undefined;
}
