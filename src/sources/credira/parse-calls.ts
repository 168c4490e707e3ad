import { crediraCallFromFields, type CrediraCall } from '../../domain/credira/credira-call.js';
import { cappedText, rejectOfUnparsed, repairRow, unparsedReasons } from '../json/repair-row.js';
import { usableId } from '../id.js';
import { isPlainObject } from '../json/json.js';
import { UnparsedRow } from '../json/cut-rows.js';
import type { RejectedRow } from '../../domain/rejected-row.js';

interface CallToParse {
  readonly row: unknown;
  /** Ids that were requested; they complete a call that does not state them. */
  readonly asked: { readonly id?: string; readonly invoice_id?: string };
  /** The instant of the request. */
  readonly seenAt: Date;
}

export type ParsedCall = { readonly accepted: CrediraCall } | { readonly rejected: RejectedRow };

const rowCapBytes = 1024 * 1024;

const rejectReasons = {
  'not-an-object': 'a call must be a JSON object',
  'no-call-id': 'a call needs an id of 1 to 64 characters without control characters',
  'other-call': 'the answer is about a call other than the requested one',
  'too-large': `the call is larger than ${rowCapBytes} bytes`,
  'too-deep': 'the call is nested too deeply to be stored',
  ...unparsedReasons,
} as const;

const unparsedRules = { capBytes: rowCapBytes, transactionIdKey: null, callIdKey: 'id' } as const;

/**
 * Reads one call of an answer: returns a call with a single sighting, or a reject. Never throws, for any JSON value or
 * {@link UnparsedRow}.
 */
export function parseCall(reading: CallToParse): ParsedCall {
  if (reading.row instanceof UnparsedRow) return parseUnparsed(reading.row, reading);
  try {
    return readCall(reading);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    const callId = isPlainObject(reading.row) ? usableId(reading.row['id']) : null;
    return { rejected: rejectedCall({ reason: 'too-deep', callId, raw: JSON.stringify({ id: callId }) }) };
  }
}

/** Repairs and reads a call that is not JSON. A reject keeps it as it was sent, whatever the reason. */
function parseUnparsed(row: UnparsedRow, { asked, seenAt }: CallToParse): ParsedCall {
  const reject = (reason: string): ParsedCall => {
    const rejected = rejectOfUnparsed(row, { ...unparsedRules, reason, unwantedNames: [], volatileName: null });
    return { rejected: { ...rejected, callId: asked.id ?? rejected.callId ?? null } };
  };
  const repaired = repairRow(row, unparsedRules);
  if ('reason' in repaired) return reject(reasonText(repaired.reason));
  const parsed = parseCall({ row: repaired.object, asked, seenAt });
  return 'accepted' in parsed ? parsed : reject(parsed.rejected.reason);
}

function readCall({ row, asked, seenAt }: CallToParse): ParsedCall {
  const json = JSON.stringify(row);
  const reject = (reason: keyof typeof rejectReasons, callId: string | null): ParsedCall => ({
    rejected: rejectedCall({ reason, callId, raw: cappedText(json, rowCapBytes) }),
  });
  if (!isPlainObject(row)) return reject('not-an-object', null);
  const callId = usableId(row['id'] ?? asked.id);
  if (callId === null) return reject('no-call-id', null);
  if (asked.id !== undefined && asked.id !== callId) return reject('other-call', callId);
  if (Buffer.byteLength(json) > rowCapBytes) return reject('too-large', callId);
  const fields = { ...row, invoice_id: row['invoice_id'] ?? asked.invoice_id };
  return { accepted: crediraCallFromFields({ callId, fields, seenAt }) };
}

function rejectedCall({
  reason,
  callId,
  raw,
}: {
  reason: keyof typeof rejectReasons;
  callId: string | null;
  raw: string;
}): RejectedRow {
  return { callId, transactionId: null, reason: reasonText(reason), raw };
}

function reasonText(reason: keyof typeof rejectReasons): string {
  return `${reason}: ${rejectReasons[reason]}`;
}
