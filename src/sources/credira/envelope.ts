import { z } from 'zod';
import { SourceError } from '../errors.js';
import { refusalError } from '../http/http-status.js';
import { cutRows, readRowText, UnparsedRow } from '../json/cut-rows.js';
import { isPlainObject } from '../json/json.js';
import { repairJson } from '../json/repair-json.js';

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

export interface EnvelopeText {
  readonly value: unknown;
  /** False where the answer breaks off. */
  readonly isWhole: boolean;
}

/**
 * Reads an envelope that is no JSON: of a list of calls each by itself, of a single call what can be read of it. A
 * call that cannot be parsed is an {@link UnparsedRow}. Null for anything but an object.
 */
export function repairEnvelope(body: Buffer): EnvelopeText | null {
  const text = body.toString('latin1');
  if (!/^(?:\u00ef\u00bb\u00bf)?\s*\{/.test(text)) return null;
  const list = /"data"\s*:\s*\[/.exec(text);
  if (list !== null) {
    const { rows, isWhole, end } = cutRows({ body, start: list.index + list[0].length - 1, idKey: 'id' });
    const envelope = repaired(
      Buffer.concat([body.subarray(0, list.index), Buffer.from('"data":[]'), body.subarray(end)]),
    );
    return { value: { ...envelope, data: rows }, isWhole };
  }
  const row = readRowText(body);
  if (!(row instanceof UnparsedRow)) return { value: row, isWhole: true };
  if (!row.isWhole) return { value: { data: row }, isWhole: false };
  return { value: repaired(row.bytes) ?? { data: row }, isWhole: true };
}

function repaired(bytes: Uint8Array): Record<string, unknown> | null {
  try {
    const value = repairJson(new TextDecoder().decode(bytes));
    return isPlainObject(value) ? value : null;
  } catch (error) {
    if (error instanceof RangeError) return null;
    throw error;
  }
}
