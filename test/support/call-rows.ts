import fc from 'fast-check';
import type { MergedInvocaCall } from '../../src/domain/invoca/invoca-call.js';
import type { CallTransaction, Transaction } from '../../src/domain/invoca/transaction.js';
import type { TranscriptPolicy } from '../../src/domain/transcripts/transcript.js';
import type { StoredCall } from '../../src/store/calls/call-document.js';
import type { MergeRequest } from '../../src/store/calls/merge-transactions.js';
import { histories, mergeAll } from './a-transaction.js';

export const TRANSCRIPT_POLICY: TranscriptPolicy = {
  enabled: true,
  maxAgeMs: null,
  delaysMs: [120_000],
  deadlineMs: 172_800_000,
};

export const MERGED_AT = new Date('2024-06-04T00:00:00Z');

export function rowsOf(callId: string, transactions: readonly Transaction[]): CallTransaction[] {
  return transactions.map((transaction) => ({ callId, transaction }));
}

export function aMerge(account: string, transactions: readonly CallTransaction[]): MergeRequest {
  return { account, transactions, transcriptPolicy: TRANSCRIPT_POLICY, now: () => MERGED_AT };
}

/** Calls that the store must hold after it was given all these rows, by call id. */
export function mergedCallsOf(rows: readonly CallTransaction[]): Map<string, MergedInvocaCall> {
  const byCall = new Map<string, Transaction[]>();
  for (const { callId, transaction } of rows) byCall.set(callId, [...(byCall.get(callId) ?? []), transaction]);
  return new Map([...byCall].map(([callId, transactions]) => [callId, mergeAll(...transactions)]));
}

/** The fields of a document that the merge writes. */
export function mergedPartOf(call: StoredCall): MergedInvocaCall {
  const { _id, schemaVersion, account, source, callId, transcript, revision, createdAt, updatedAt, ...merged } = call;
  return merged;
}

/** Everything read of one to four calls, one call after the other. */
export const feeds: fc.Arbitrary<CallTransaction[]> = fc
  .array(histories, { minLength: 1, maxLength: 4 })
  .map((ofCalls) => ofCalls.flatMap((history, index) => rowsOf(`CALL-${index}`, history)));
