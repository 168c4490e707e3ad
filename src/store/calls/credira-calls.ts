import { BSON, type Collection, type Db } from 'mongodb';
import { type CrediraCall, crediraCallOf, foldCrediraCall, mergeCredira } from '../../domain/credira/credira-call.js';
import { firstTranscriptState, type TranscriptPolicy } from '../../domain/transcripts/transcript.js';
import { CALL_TOO_LARGE, DERIVED_CAP_BYTES, ROWS_CAP_BYTES } from './call-caps.js';
import { type CallDocument, callDocumentId, type CrediraDocument, type ErasedCall } from './call-document.js';
import { type CallWrite, creationOf, readCalls, revisionOf } from './call-writes.js';
import { describing } from '../errors.js';
import type { MergeResult } from './merge-transactions.js';
import { type RemergePlace, type RemergeResult, remergeCrediraCalls } from './remerge-calls.js';
import type { RejectedRow } from '../../domain/rejected-row.js';
import { settleWrites, type WritePlan } from './settle-writes.js';

export interface CrediraMergeRequest {
  readonly account: string;
  readonly calls: readonly CrediraCall[];
  readonly transcriptPolicy: TranscriptPolicy;
  readonly now: () => Date;
}

/** Fields of a stored call that show whether it is finished and whether its details were asked for. */
export type CrediraStanding = Pick<CrediraDocument, 'callId' | 'result' | 'startedAt' | 'createdAt' | 'detailsAskedAt'>;

type StoredStanding = CrediraStanding & Pick<CrediraDocument, '_id'>;

/** Fields of a stored call that the merge reads. */
type ExistingCall = Pick<CrediraDocument, '_id' | 'revision' | 'credira' | 'firstSeenAt' | 'sightings'> | ErasedCall;

const EXISTING = { revision: 1, credira: 1, firstSeenAt: 1, sightings: 1, erasedAt: 1 } as const;
const STANDING = { callId: 1, result: 1, startedAt: 1, createdAt: 1, detailsAskedAt: 1, erasedAt: 1 } as const;

/** The calls of Credira in the collection `calls`. */
export class CrediraCallStore {
  readonly #calls: Collection<CallDocument>;

  constructor(db: Db) {
    this.#calls = db.collection('calls');
  }

  /**
   * Merges sightings into their calls' documents, even if others write the same calls at the same time. Those that
   * would outgrow a document become rejects. Calls that stay the same, and erased ones, are not written. Throws the
   * errors of `settleWrites`.
   */
  async merge(request: CrediraMergeRequest): Promise<MergeResult> {
    const rejects = new Map<string, RejectedRow>();
    const written = await settleWrites({
      calls: this.#calls,
      batch: request.calls,
      plan: async (seen, outgrown) => {
        const ids = [...new Set(seen.map(({ callId }) => callDocumentId({ account: request.account, callId })))];
        const existing = await readCalls<ExistingCall>({ calls: this.#calls, ids, fields: EXISTING });
        return { ids, ...planWrites({ request, seen, rejects, existing, outgrown }) };
      },
    });
    return { ...written, rejects: [...rejects.values()] };
  }

  /** Recomputes the next calls of the account from their stored fields, in the order of their ids. */
  async remerge(request: RemergePlace): Promise<RemergeResult> {
    return remergeCrediraCalls(this.#calls, request);
  }

  /** Returns the state of each stored call with one of these ids; erased calls are left out. */
  async standings({ account, callIds }: { account: string; callIds: readonly string[] }): Promise<CrediraStanding[]> {
    const ids = callIds.map((callId) => callDocumentId({ account, callId }));
    const found = await readCalls<StoredStanding | ErasedCall>({ calls: this.#calls, ids, fields: STANDING });
    return [...found.values()].flatMap((standing) => ('erasedAt' in standing ? [] : [standing]));
  }

  /** Notes that the call's details were asked for. Leaves an erased call, and all that the merge owns, unchanged. */
  async noteDetailsAsked({ account, callId, at }: { account: string; callId: string; at: Date }): Promise<void> {
    const _id = callDocumentId({ account, callId });
    const noted = { $mergeObjects: ['$$ROOT', { detailsAskedAt: at }] };
    await describing(`calls: noting that the details of ${_id} were asked for`, () =>
      this.#calls.updateOne({ _id }, [{ $replaceWith: { $cond: ['$erasedAt', '$$ROOT', noted] } }]),
    );
  }
}

function planWrites({
  request,
  seen,
  rejects,
  existing,
  outgrown,
}: {
  request: CrediraMergeRequest;
  seen: readonly CrediraCall[];
  rejects: Map<string, RejectedRow>;
  existing: ReadonlyMap<string, ExistingCall>;
  outgrown: ReadonlySet<string>;
}): Omit<WritePlan<readonly CrediraCall[]>, 'ids'> {
  const writes: CallWrite[] = [];
  const again: CrediraCall[] = [];
  for (const [callId, sightings] of byCallId(seen)) {
    const _id = callDocumentId({ account: request.account, callId });
    const before = existing.get(_id);
    if (before !== undefined && 'erasedAt' in before) continue;
    const stored = before === undefined ? null : crediraCallOf({ ...before, callId });
    const { call, changed, rejected } = foldWithinCap(stored, sightings);
    const isOutgrown = changed && outgrown.has(_id);
    for (const reject of isOutgrown ? sightings.map(toRejectedRow) : rejected) rejects.set(reject.raw, reject);
    if (call === null || !changed || isOutgrown) continue;
    again.push(...sightings);
    writes.push(
      before === undefined
        ? creationOf(firstDocument(request, call))
        : revisionOf({ before, fields: mergeCredira(call) }),
    );
  }
  return { writes, again };
}

function byCallId(seen: readonly CrediraCall[]): ReadonlyMap<string, readonly CrediraCall[]> {
  const calls = new Map<string, CrediraCall[]>();
  for (const call of seen) calls.set(call.callId, [...(calls.get(call.callId) ?? []), call]);
  return calls;
}

/** Folds sightings into the call, except those with which it would outgrow its document. */
function foldWithinCap(
  stored: CrediraCall | null,
  seen: readonly CrediraCall[],
): { call: CrediraCall | null; changed: boolean; rejected: readonly RejectedRow[] } {
  const rejected: RejectedRow[] = [];
  let call = stored;
  let changed = false;
  for (const sighting of seen) {
    const folded = foldCrediraCall(call, sighting);
    if (!folded.changed) continue;
    if (isOverCap(folded.call)) {
      rejected.push(toRejectedRow(sighting));
      continue;
    }
    call = folded.call;
    changed = true;
  }
  return { call, changed, rejected };
}

/** True if the call would outgrow its document. Its derived fields repeat some of Credira's own. */
function isOverCap(call: CrediraCall): boolean {
  if (BSON.calculateObjectSize(call) > ROWS_CAP_BYTES) return true;
  const { credira: _, sightings: __, ...derived } = mergeCredira(call);
  return BSON.calculateObjectSize(derived) > DERIVED_CAP_BYTES;
}

function firstDocument({ account, transcriptPolicy, now }: CrediraMergeRequest, call: CrediraCall): CrediraDocument {
  const createdAt = now();
  const { callId } = call;
  const merged = mergeCredira(call);
  const { startedAt, durationSeconds } = merged;
  return {
    _id: callDocumentId({ account, callId }),
    schemaVersion: 1,
    account,
    source: 'credira',
    callId,
    ...merged,
    transcript: firstTranscriptState({ startedAt, durationSeconds, createdAt, policy: transcriptPolicy }),
    detailsAskedAt: null,
    revision: 1,
    createdAt,
    updatedAt: createdAt,
  };
}

function toRejectedRow({ callId, fields }: CrediraCall): RejectedRow {
  return {
    callId,
    transactionId: null,
    reason: CALL_TOO_LARGE,
    raw: JSON.stringify({ id: callId, ...fields }),
  };
}
