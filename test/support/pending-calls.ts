import type { Db } from 'mongodb';
import type { TranscriptState } from '../../src/domain/transcripts/transcript.js';
import { type CallDocument, newCallDocument } from '../../src/store/calls/call-document.js';
import type { LookOutcome } from '../../src/domain/transcripts/outcome.js';
import { aCall, mergeAll } from './a-transaction.js';
import { MERGED_AT } from './call-rows.js';

export const NOW = new Date('2024-06-05T12:00:00Z');
export const LEASE_MS = 1_800_000;

export function minutesFrom(instant: Date, minutes: number): Date {
  return new Date(instant.getTime() + minutes * 60_000);
}

interface CallParts {
  readonly startedAt?: Date | null;
  readonly durationSeconds?: number | null;
  readonly transcript?: Partial<TranscriptState>;
}

/** Makes call documents of an account. By default their transcripts are pending, fresh and due at NOW. */
export function callDocuments(account: string): (callId: string, parts?: CallParts) => CallDocument {
  const merged = mergeAll(aCall('T1'));
  return (callId, { startedAt = null, durationSeconds = null, transcript } = {}) => ({
    ...newCallDocument({
      account,
      callId,
      merged,
      transcript: {
        status: 'pending',
        lane: 'fresh',
        attempts: 0,
        nextAttemptAt: NOW,
        fetchedAt: null,
        text: null,
        turns: [],
        reason: null,
        ...transcript,
      },
      createdAt: MERGED_AT,
    }),
    startedAt,
    durationSeconds,
  });
}

export async function insertCalls(db: Db, documents: readonly CallDocument[]): Promise<void> {
  await db.collection<CallDocument>('calls').insertMany(documents);
}

export async function storedCall(db: Db, _id: string): Promise<CallDocument> {
  const call = await db.collection<CallDocument>('calls').findOne({ _id });
  if (call === null) throw new Error(`${_id} is not stored`);
  return call;
}

export const HELD = {
  text: 'agent: $5.00 or $$ROOT?\ncaller: Yes.',
  turns: [
    { speaker: 'agent', text: '$5.00 or $$ROOT?' },
    { speaker: 'caller', text: 'Yes.' },
  ],
  fetchedAt: NOW,
} as const;

export const AVAILABLE = { status: 'available', ...HELD } satisfies LookOutcome;
