import { Big } from 'big.js';
import { Decimal128, BSON } from 'mongodb';
import { isDeepStrictEqual } from 'node:util';
import type { DecimalText, MergedCall, Source } from '../../domain/call.js';
import type { CallEvent, MergedInvocaCall } from '../../domain/invoca/invoca-call.js';
import type { MergedCrediraCall } from '../../domain/credira/credira-call.js';
import type { TranscriptState } from '../../domain/transcripts/transcript.js';

/** What the store itself keeps beside the merged call. */
interface Bookkeeping {
  /** `<account>:<call id>` */
  readonly _id: string;
  readonly schemaVersion: 1;
  readonly account: string;
  readonly source: Source;
  readonly callId: string;
  readonly transcript: TranscriptState;
  /** Rises with every change of the merge, and with nothing else. */
  readonly revision: number;
  readonly createdAt: Date;
  /** Moves with every change of the merge or of the transcript. */
  readonly updatedAt: Date;
}

/** A call of a transaction feed as it is read from the store, amounts of money as decimal text. */
export interface StoredCall extends MergedInvocaCall, Bookkeeping {
  readonly source: 'invoca';
}

/** A call of Credira. */
export interface StoredCrediraCall extends MergedCrediraCall, Bookkeeping {
  readonly source: 'credira';
  /** When its details were asked for, which the list of calls does not have; null where they were not yet. */
  readonly detailsAskedAt: Date | null;
}

/** The type of each source's calls: what they have in common has the same names and meanings in all of them. */
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
   * How many transactions there are, so that an index can tell it; documents stored by earlier versions lack it.
   * Whoever reads a call counts them instead.
   */
  readonly rowCount?: number;
}

/** A document of the collection `calls`, amounts of money as `Decimal128`. */
export interface CallDocument extends MergedFields, Bookkeeping {
  readonly source: 'invoca';
}

/** A document of the same collection that Credira's calls are kept as: nothing in it needs another form. */
export type CrediraDocument = StoredCrediraCall;

/** What is left of a call after a privacy request. */
export interface ErasedCall {
  readonly _id: string;
  readonly erasedAt: Date;
  readonly revision: number;
}

export function callDocumentId({ account, callId }: { account: string; callId: string }): string {
  return `${account}:${callId}`;
}

/** The document of a call seen for the first time: revision 1, its fields in the order a reader looks for them. */
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

/** The part of a document that the merge owns, in the order of the merge. */
export function mergedFields(merged: MergedInvocaCall): MergedFields {
  const { provenance, recordingUrl, ...facts } = merged;
  return {
    ...facts,
    revenue: toDecimal(merged.revenue),
    events: merged.events.map((event) => ({ ...event, revenue: toDecimal(event.revenue) })),
    rowCount: merged.transactions.length,
    provenance,
    recordingUrl,
  };
}

/** The inverse of what storing did to amounts of money. */
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

function toDecimalText(decimal: Decimal128 | null): DecimalText | null {
  if (decimal === null) return null;
  const text = decimal.toString();
  // Decimal128 writes small amounts as 1E-7; plain notation otherwise keeps its trailing zeros, which Big would drop.
  return text.includes('E') ? new Big(text).toFixed() : text;
}

/**
 * Names of the fields in which a stored call says something else than the merge does; the order of keys says nothing.
 * `stored` is as the driver reads it. A document of an earlier version that lacks the number of its rows says nothing
 * wrong.
 */
export function changedFields(stored: object, merged: object): string[] {
  // Through BSON, where undefined fields vanish and numbers and decimals take the form they have when they are read.
  const expected = BSON.deserialize(BSON.serialize(merged, { ignoreUndefined: true }));
  const found = new Map<string, unknown>(Object.entries(stored));
  const compared = Object.keys(expected).filter((field) => field !== 'rowCount' || found.has(field));
  return compared.filter((field) => !isDeepStrictEqual(found.get(field), expected[field]));
}
