import type { Collection, Db, Filter } from 'mongodb';
import type { LookOutcome } from '../../domain/transcripts/outcome.js';
import type {
  ClaimedCall,
  TranscriptAnalysis,
  TranscriptLane,
  TranscriptStatus,
} from '../../domain/transcripts/transcript.js';
import { changeInBatches } from '../calls/batched-updates.js';
import { type CallDocument, type ErasedCall, callDocumentId } from '../calls/call-document.js';
import { DueCalls, type Lane, LANES, type NextDueQuery } from './due-calls.js';
import { describing } from '../errors.js';
import { inOneAnswer } from '../one-answer.js';
import type { LimitStore } from '../limits/limits.js';
import { type Readability, readabilityOf } from './transcript-summary.js';
import {
  requireWithinAnalysisCap,
  withinConversationCap,
  changesOf,
  changingTranscript,
  isAnalysisOtherThan,
  isDue,
  isLeased,
  isOfStatus,
} from './transcript-writes.js';
import { type Claim, type TranscriptWork, WORK } from './transcript-types.js';

/** Rounds of one claim. Claims made at once find the same calls; one that loses some to another looks for more. */
const MAX_ROUNDS = 5;

/** Time after which a probe that was not answered, as in an outage, is made again with another call. */
const PROBE_MS = 5 * 60_000;

interface FoundWork extends Omit<TranscriptWork, 'transcriptUrl'> {
  readonly credira?: { readonly transcription_url?: unknown };
}

interface CallOfAccount {
  readonly account: string;
  readonly callId: string;
}

interface LeasedCall extends CallOfAccount {
  /** Names the claim. */
  readonly leasedUntil: Date;
}

interface ClaimToMake {
  readonly account: string;
  readonly now: Date;
  readonly leaseMs: number;
  readonly limit: number;
  /** Lanes to claim from; all by default. */
  readonly lanes?: readonly Lane[];
  /** Lanes whose hold is over: none by default. */
  readonly probes?: readonly TranscriptLane[];
}

interface CallsToRetry {
  readonly account: string;
  readonly status: Exclude<TranscriptStatus, 'pending'>;
  readonly now: Date;
  /** Selects calls that the source refused in this lane since then; all by default. */
  readonly refused?: { readonly lane: TranscriptLane; readonly since: Date };
}

/** The part `transcript` of the collection `calls`. Nothing here changes what the merge owns, or `revision`. */
export class TranscriptStore {
  readonly #calls: Collection<CallDocument>;
  readonly #due: DueCalls;
  readonly #limits: LimitStore;

  constructor(db: Db, limits: LimitStore) {
    this.#calls = db.collection('calls');
    this.#due = new DueCalls(this.#calls);
    this.#limits = limits;
  }

  /**
   * Claims up to `limit` due calls, lane by lane and in each lane those longest due, and the newest due call of each
   * lane in `probes` unless another worker is probing it. No other claim gets them before `leasedUntil`, which is
   * `leaseMs` from now or a little later; then they are due again, unless their look was finished or deferred.
   */
  async claim({ account, now, leaseMs, limit, lanes = LANES, probes = [] }: ClaimToMake): Promise<Claim> {
    const notBefore = new Date(now.getTime() + leaseMs);
    const leasedUntil = await this.#limits.nextTranscriptLease({ account, notBefore });
    const claimed: ClaimedCall[] = [];
    for (const lane of lanes) {
      for (let round = 1; round <= MAX_ROUNDS && claimed.length < limit; round += 1) {
        const ids = await this.#due.find({ account, lane, now, limit: limit - claimed.length });
        const leased = await this.#lease({ ids, now, leasedUntil });
        claimed.push(...leased);
        if (leased.length === ids.length) break;
      }
    }
    for (const lane of probes) {
      const ids = await this.#due.newest({ account, lane, now });
      if (ids.length === 0 || !(await this.#limits.takeProbe({ account, lane, now, probeMs: PROBE_MS }))) continue;
      claimed.push(...(await this.#lease({ ids, now, leasedUntil })));
    }
    return { claimed, leasedUntil };
  }

  /**
   * Returns when the lane's next look is due, `now` if one is due already; null if none is due by `until`. Counts a
   * leased call as due when its lease expires.
   */
  async nextDue(query: NextDueQuery): Promise<Date | null> {
    return this.#due.next(query);
  }

  /** Returns what a look needs to know of the call; null if the call is not stored, or is erased. */
  async read({ account, callId }: CallOfAccount): Promise<TranscriptWork | null> {
    const _id = callDocumentId({ account, callId });
    const found = await describing(`calls: reading the transcript state of ${_id}`, () =>
      this.#calls.findOne<FoundWork | ErasedCall>({ _id }, { projection: WORK }),
    );
    if (found === null || !('transcript' in found)) return null;
    const { credira, ...work } = found;
    const url = credira?.transcription_url;
    return { ...work, transcriptUrl: typeof url === 'string' ? url : null };
  }

  /**
   * Counts the look made under this lease and writes its outcome. Returns false and writes nothing if another worker
   * has claimed or finished the call since, or an operator has retried it. If a look made on request finds no
   * transcript, a stored one stays, and its call stays `available`.
   */
  async finishLook({
    attempts,
    outcome,
    now,
    ...call
  }: LeasedCall & {
    /** Number of looks made before this one. */
    attempts: number;
    outcome: LookOutcome;
    now: Date;
  }): Promise<boolean> {
    const guard = {
      $and: [isOfStatus('pending'), isLeased(call.leasedUntil), { $eq: ['$transcript.attempts', attempts] }],
    };
    const doing = `calls: writing the transcript of ${callDocumentId(call)}`;
    const capped = withinConversationCap(doing, outcome);
    const changes = { $mergeObjects: [changesOf(capped, now), { attempts: attempts + 1 }] };
    return this.#change(call, changingTranscript({ guard, changes, isSeen: true }));
  }

  /**
   * Postpones to `until` a look that was not made. Counts neither the look nor a change of the call. Returns false like
   * `finishLook`.
   */
  async defer({ until, reason, ...call }: LeasedCall & { until: Date; reason: string }): Promise<boolean> {
    const changes = { $literal: { nextAttemptAt: until, reason } };
    return this.#change(call, changingTranscript({ guard: isLeased(call.leasedUntil), changes }));
  }

  /** Stores the analysis. Returns false if nothing changed or the call is erased. Throws a StoreError if too large. */
  async saveAnalysis({ analysis, ...call }: CallOfAccount & { analysis: TranscriptAnalysis }): Promise<boolean> {
    requireWithinAnalysisCap(`calls: writing the analysis of ${callDocumentId(call)}`, analysis);
    const changes = { $literal: { analysis } };
    return this.#change(call, changingTranscript({ guard: isAnalysisOtherThan(analysis), changes, isSeen: true }));
  }

  /**
   * Plans the next request for the analysis of a stored transcript; null plans none. Returns false like `finishLook`.
   */
  async finishAnalysis({ nextAttemptAt, ...call }: LeasedCall & { nextAttemptAt: Date | null }): Promise<boolean> {
    const guard = { $and: [isOfStatus('available'), isLeased(call.leasedUntil)] };
    return this.#change(call, changingTranscript({ guard, changes: { $literal: { nextAttemptAt } } }));
  }

  /**
   * Makes all transcripts of a status pending and due; a stored one stays until it is replaced. A retry of all that are
   * forbidden also ends the holds of all lanes. Returns their number. After a failure, the rest still have the status.
   */
  async retry({ account, status, refused, now }: CallsToRetry): Promise<number> {
    const wanted = { account, 'transcript.status': status, ...(refused !== undefined && wasRefused(refused)) };
    const changes = { status: 'pending', nextAttemptAt: now, reason: null };
    const update = changingTranscript({ guard: isOfStatus(status), changes, isSeen: true });
    const doing = `calls: retrying ${status} transcripts of account ${account}`;
    const changed = await changeInBatches({ calls: this.#calls, wanted, update, doing });
    // Last, so that a retry that fails before this can be repeated.
    if (status === 'forbidden' && refused === undefined) await this.#limits.endLaneHolds(account);
    return changed;
  }

  /** Returns how many of the account's newest transcripts cannot be read. */
  async readability(account: string): Promise<Readability> {
    return readabilityOf(this.#calls, account);
  }

  /** Leases those of the calls that are still due. Two claims that found the same ones share them. */
  async #lease({
    ids,
    now,
    leasedUntil,
  }: {
    ids: readonly string[];
    now: Date;
    leasedUntil: Date;
  }): Promise<ClaimedCall[]> {
    if (ids.length === 0) return [];
    const lease = changingTranscript({ guard: isDue(now), changes: { nextAttemptAt: leasedUntil } });
    const found = await describing(`calls: claiming ${ids.length} transcripts from ${ids[0]} on`, async () => {
      await this.#calls.updateMany({ _id: { $in: ids } }, lease);
      return this.#calls
        .find({ _id: { $in: ids } }, inOneAnswer(ids.length))
        .project<TranscriptWork | ErasedCall>(WORK)
        .toArray();
    });
    return found
      .filter((call) => 'transcript' in call)
      .filter(({ transcript }) => transcript.nextAttemptAt?.getTime() === leasedUntil.getTime())
      .map(({ callId, transcript: { attempts, lane } }) => ({ callId, attempts, lane }));
  }

  async #change({ account, callId }: CallOfAccount, update: ReturnType<typeof changingTranscript>): Promise<boolean> {
    const _id = callDocumentId({ account, callId });
    const { modifiedCount } = await describing(`calls: writing the transcript of ${_id}`, () =>
      this.#calls.updateOne({ _id }, update),
    );
    return modifiedCount === 1;
  }
}

/** Far more than the clocks of a worker and the server are apart. */
const CLOCKS_APART_MS = 3_600_000;

/** Returns the filter of refused calls. A refusal changes its call, so that the index of changes finds it. */
function wasRefused({ lane, since }: NonNullable<CallsToRetry['refused']>): Filter<CallDocument> {
  const changedSince = new Date(since.getTime() - CLOCKS_APART_MS);
  return { updatedAt: { $gte: changedSince }, 'transcript.lane': lane, 'transcript.forbiddenAt': { $gte: since } };
}
