import { Big } from 'big.js';
import { Decimal128, BSON } from 'mongodb';
import { isDeepStrictEqual } from 'node:util';
import type { DecimalText, MergedCall, Source } from '../../domain/call.js';
import type { CallEvent, MergedInvocaCall } from '../../domain/invoca/invoca-call.js';
import type { Bookkeeping, CrediraBookkeeping } from '../../domain/document/exported-line.js';
import type { MergedCrediraCall } from '../../domain/credira/credira-call.js';
import type { TranscriptState } from '../../domain/transcripts/transcript.js';

/** A call of a transaction feed as read from the store, with amounts of money as decimal text. */
export interface StoredCall extends MergedInvocaCall, Bookkeeping {
  readonly source: 'invoca';
}

/** A call of Credira. */
export interface StoredCrediraCall extends MergedCrediraCall, Bookkeeping, CrediraBookkeeping {
  readonly source: 'credira';
}

/** The type of each source's calls: fields they share have the same names and meanings in all of them. */
interface StoredCallOf extends Record<Source, MergedCall & Bookkeeping> {
  readonly invoca: StoredCall;
  readonly credira: StoredCrediraCall;
}

export type AnyStoredCall = StoredCallOf[Source];

interface EventDocument extends Omit<CallEvent, 'revenue'> {
  readonly revenue: Decimal128 | null;
}

/** The part of a document that the merge owns. */
export interface MergedFields extends Omit<MergedInvocaCall, 'revenue' | 'events'> {
  readonly revenue: Decimal128 | null;
  readonly events: readonly EventDocument[];
  /**
   * Number of transactions, stored so that an index has it. Documents of earlier versions lack it, so readers of a
   * call count its transactions instead.
   */
  readonly rowCount?: number;
}

/** A document of the collection `calls`, with amounts of money as `Decimal128`. */
export interface CallDocument extends MergedFields, Bookkeeping {
  readonly source: 'invoca';
}

/** A document of the same collection for a call of Credira, stored in the form in which it is read. */
export type CrediraDocument = StoredCrediraCall;

/** The stub that is left of a call after a privacy request. */
export interface ErasedCall {
  readonly _id: string;
  readonly account: string;
  readonly callId: string;
  readonly erasedAt: Date;
  readonly revision: number;
  /** Time of the erasure, as the server stamps changes. */
  readonly updatedAt: Date;
}

/** Filter that leaves out the stubs of erased calls. */
export const IS_KEPT = { erasedAt: { $exists: false } } as const;

export function callDocumentId({ account, callId }: { account: string; callId: string }): string {
  return `${account}:${callId}`;
}

/** Returns the document of a new call: revision 1, with the fields in the order a reader looks for them. */
export function newCallDocument({
  account,
  callId,
  merged,
  transcript,
  createdAt,
}: {
  account: string;
  callId: string;
  merged: MergedInvocaCall;
  transcript: TranscriptState;
  createdAt: Date;
}): CallDocument {
  return {
    _id: callDocumentId({ account, callId }),
    schemaVersion: 1,
    account,
    source: 'invoca',
    callId,
    ...mergedFields(merged),
    transcript,
    revision: 1,
    createdAt,
    updatedAt: createdAt,
  };
}

/** Returns the part of a document that the merge owns, in the order of the merge. */
export function mergedFields(merged: MergedInvocaCall): MergedFields {
  return {
    ...merged,
    revenue: toDecimal(merged.revenue),
    events: merged.events.map((event) => ({ ...event, revenue: toDecimal(event.revenue) })),
    rowCount: merged.transactions.length,
  };
}

/** Returns the call as it was before it was stored, with amounts of money as decimal text. */
export function toStoredCall(document: CallDocument | Exclude<AnyStoredCall, StoredCall>): AnyStoredCall {
  switch (document.source) {
    case 'invoca': {
      const { rowCount: _, ...call } = document;
      const events = call.events.map((event) => ({ ...event, revenue: toDecimalText(event.revenue) }));
      return { ...call, revenue: toDecimalText(call.revenue), events };
    }
    case 'credira':
      return document;
  }
}

function toDecimal(text: DecimalText | null): Decimal128 | null {
  return text === null ? null : Decimal128.fromString(text);
}

/** Returns an amount of money in plain notation, with its trailing zeros. It must be finite. */
export function toDecimalText(decimal: Decimal128 | null): DecimalText | null {
  if (decimal === null) return null;
  const text = decimal.toString();
  // Decimal128 writes small amounts as 1E-7; other amounts keep their trailing zeros, which Big would drop.
  return text.includes('E') ? new Big(text).toFixed() : text;
}

/**
 * Returns the names of the fields in which a stored call differs from the merge; the order of keys does not count.
 * `stored` is as the driver reads it. A missing `rowCount`, as in documents of earlier versions, does not count either.
 */
export function changedFields(stored: object, merged: object): string[] {
  // Through BSON, which drops undefined fields and gives numbers and decimals the form in which they are read.
  const expected = BSON.deserialize(BSON.serialize(merged, { ignoreUndefined: true }));
  const found = new Map<string, unknown>(Object.entries(stored));
  const compared = Object.keys(expected).filter((field) => field !== 'rowCount' || found.has(field));
  return compared.filter((field) => !isDeepStrictEqual(found.get(field), expected[field]));
}
