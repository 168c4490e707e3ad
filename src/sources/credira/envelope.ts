import { z } from 'zod';
import { SourceError } from '../errors.js';
import { refusalError } from '../http/http-status.js';
import { cutRows, readRowText, UnparsedRow } from '../json/cut-rows.js';
import { isPlainObject } from '../json/json.js';
import { repairJson } from '../json/repair-json.js';

/** Envelope around the data of every answer, errors included. */
const Envelope = z.object({
  success: z.unknown().optional(),
  data: z.unknown().optional(),
  /** Code and message of an error: the code is one word and may be shown, the message may repeat what was sent. */
  error: z
    .object({ code: z.string().regex(/^[A-Za-z_]{1,60}$/) })
    .nullish()
    .catch(null),
  meta: z
    .object({
      request_id: z
        .string()
        .regex(/^[\w.:-]{1,80}$/)
        .nullish()
        .catch(null),
      total_calls: z.int().nonnegative().nullish().catch(null),
    })
    .nullish()
    .catch(null),
});

export type CrediraEnvelope = z.output<typeof Envelope>;

interface EnvelopeToJudge {
  /** Name of the request for an error message. */
  readonly subject: string;
  readonly status: number;
  readonly retryAfter: string | undefined;
  /** Null if the body is not an envelope. */
  readonly envelope: CrediraEnvelope | null;
}

interface Meaning {
  readonly status: number;
  readonly advice?: string;
}

/** Meanings of the documented codes. They apply whatever the HTTP status, because the statuses are not documented. */
const meanings: ReadonlyMap<string, Meaning> = new Map<string, Meaning>([
  ['INVALID_REQUEST', { status: 400, advice: 'Check the id that was asked for.' }],
  ['UNAUTHORIZED', { status: 401, advice: 'Check the API key.' }],
  ['RATE_LIMITED', { status: 429 }],
]);

/** Reads an envelope; null for JSON of another shape. */
export function readEnvelope(value: unknown): CrediraEnvelope | null {
  return Envelope.safeParse(value).data ?? null;
}

export function requestIdOf(envelope: CrediraEnvelope | null): string | null {
  return envelope?.meta?.request_id ?? null;
}

/** Returns the number of calls that a list states; null if it states none, or no whole number. */
export function totalCallsOf(envelope: CrediraEnvelope | null): number | null {
  return envelope?.meta?.total_calls ?? null;
}

/**
 * Returns the error that an answer means; null if it means none. Only the code `NOT_FOUND` is `not-found`: a bare 404
 * means that the address is wrong.
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
    return new SourceError(`${subject}: answered ${status} with success: false${said === null ? '' : ` (${said})`}.`, {
      kind: 'unavailable',
      status,
      advice: 'The same request may work later; if this continues, ask Credira.',
    });
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

/** Joins the error code and the id of the request; null if there is neither. */
export function saidBy(envelope: CrediraEnvelope | null): string | null {
  const requestId = requestIdOf(envelope);
  const words = [envelope?.error?.code, requestId === null ? null : `request ${requestId}`].filter((word) => word);
  return words.length === 0 ? null : words.join(', ');
}

/** Returns advice for statuses whose usual advice is about settings that Credira does not have. */
function adviceOn(status: number): string | undefined {
  if (status === 400 || status === 404) return 'Check the base URL.';
  if (status === 401 || status === 403) return "Check the API key and its account's rights.";
  return undefined;
}

export interface EnvelopeText {
  readonly value: unknown;
  /** False if the answer is cut off. */
  readonly isWhole: boolean;
}

/**
 * Reads an envelope that is not JSON: the calls of a list one by one, or as much as can be read of a single call. A
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
