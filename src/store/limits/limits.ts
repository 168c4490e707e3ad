import type { Collection, Db, Document, FindOneAndUpdateOptions } from 'mongodb';
import type { TranscriptLane } from '../../domain/transcripts/transcript.js';
import { anyOf } from '../any-of.js';
import { describing, insertNew } from '../errors.js';
import { climbing, type Hold, holding, lowering, type MoreAnswers, type NewHold, raisingBy } from './holds.js';
import { changeRate, isHold, type LimitDocument, type StoredHold, wholeHold } from './stored-rate.js';
import {
  forgetting,
  type LaneHold,
  holdingTranscripts,
  refusing,
  type ForbiddenLook,
  type TranscriptsState,
  UNHELD,
} from './transcript-holds.js';
import { type NewVerdicts, notesOf, noting, type ZoneNotes, type ZoneStates } from './zone-notes.js';

const HOLD = { projection: { _id: 0, holdUntil: 1, rate: 1, epoch: 1, reason: 1, refusal: 1 } } as const;
const TRANSCRIPTS = { projection: { _id: 0, transcripts: 1 } } as const;
const ZONE = { projection: { _id: 0, zone: 1 } } as const;
const BOTH = { projection: { ...HOLD.projection, ...TRANSCRIPTS.projection } } as const;

/** Everything that is noted about the requests of an account. */
export interface AccountLimits {
  readonly hold: Hold | null;
  readonly transcripts: TranscriptsState;
  /** Undefined if no row was compared yet. */
  readonly zones: ZoneStates | undefined;
}

export const NO_LIMITS: AccountLimits = { hold: null, transcripts: UNHELD, zones: undefined };

interface NewTranscriptsHold {
  readonly account: string;
  readonly until: Date;
  readonly reason: string;
}

interface NewAnalysis {
  readonly account: string;
  readonly value: TranscriptsState['analysis'];
}

interface ProbeToTake {
  readonly account: string;
  readonly lane: TranscriptLane;
  readonly now: Date;
  /** Time in which no other probe is made. */
  readonly probeMs: number;
}

/** The collection `limits`. */
export class LimitStore {
  readonly #limits: Collection<LimitDocument>;

  constructor(db: Db) {
    this.#limits = db.collection('limits');
  }

  /** Returns the account's hold, which may be over; null if it never had one. */
  async read(account: string): Promise<Hold | null> {
    return describing(`limits: reading the hold of account ${account}`, async () => {
      const hold = await this.#limits.findOne<StoredHold>({ _id: account, holdUntil: { $exists: true } }, HOLD);
      return hold && wholeHold(hold);
    });
  }

  /**
   * Puts the account on hold until `until` or later: an earlier instant never shortens a hold. If it slows down, it
   * then lowers the rate to a little below what was answered before, unless another such hold has begun since the
   * refused request was sent.
   */
  async hold({ account, ...hold }: NewHold & { readonly account: string }): Promise<Hold> {
    const held = await this.#change<StoredHold>({ account, changes: holding(hold), options: HOLD });
    if (hold.slowsDown === false) return wholeHold(held);
    return changeRate({ limits: this.#limits, account, changesOf: lowering(hold) });
  }

  /** Adds answers of this process to those before the refusal that began the epoch, and corrects the rate. */
  async addAnswered({ account, ...more }: MoreAnswers & { readonly account: string }): Promise<Hold> {
    return changeRate({ limits: this.#limits, account, changesOf: raisingBy(more) });
  }

  /**
   * Raises the account's rate if a minute has passed since its last hold ended and since the last climb: of any number
   * of callers, one a minute raises it. Returns the rate afterwards; null if the rate of the settings applies.
   */
  async climb({ account, ceiling, now }: { account: string; ceiling: number; now: Date }): Promise<number | null> {
    const hold = await this.read(account);
    if (hold?.rate == null) return null;
    return (await changeRate({ limits: this.#limits, account, changesOf: climbing({ ceiling, now }) })).rate;
  }

  /**
   * Notes the verdicts about the account's time zones that are newer than those noted before. Verdicts may arrive in
   * any order and from several workers; the result is the same. Returns what is noted afterwards.
   */
  async noteZones({ account, ...verdicts }: NewVerdicts & { account: string }): Promise<ZoneStates> {
    const { zone } = await this.#change<{ zone: ZoneStates }>({ account, changes: noting(verdicts), options: ZONE });
    return zone;
  }

  /** Returns, for each comparison, the row that disagrees. All are null if the account had another zone then. */
  async zoneNotes({ account, timeZone }: { account: string; timeZone: string | null }): Promise<ZoneNotes> {
    const limits = await describing(`limits: reading the time zone notes of account ${account}`, () =>
      this.#limits.findOne({ _id: account }, ZONE),
    );
    return notesOf(limits?.zone, timeZone);
  }

  async transcriptsState(account: string): Promise<TranscriptsState> {
    const limits = await describing(`limits: reading the transcripts state of account ${account}`, () =>
      this.#limits.findOne({ _id: account }, TRANSCRIPTS),
    );
    return { ...UNHELD, ...limits?.transcripts };
  }

  /** Returns what `read` and `transcriptsState` return, both of the same moment and in one round trip. */
  async readAll(account: string): Promise<{ hold: Hold | null; transcripts: TranscriptsState }> {
    const limits = await describing(`limits: reading the holds of account ${account}`, () =>
      this.#limits.findOne<Partial<Hold> & Pick<LimitDocument, 'transcripts'>>({ _id: account }, BOTH),
    );
    const { transcripts, ...hold } = limits ?? {};
    return { hold: isHold(hold) ? wholeHold(hold) : null, transcripts: { ...UNHELD, ...transcripts } };
  }

  /** Returns what is noted about these accounts, in one round trip; an account without notes is left out. */
  async readMany(accounts: readonly string[]): Promise<ReadonlyMap<string, AccountLimits>> {
    const documents = await describing(`limits: reading the limits of ${accounts.length} accounts`, () =>
      this.#limits.find({ _id: anyOf(accounts) }).toArray(),
    );
    return new Map(
      documents.map(({ _id, transcripts, zone, ...hold }) => [
        _id,
        { hold: isHold(hold) ? wholeHold(hold) : null, transcripts: { ...UNHELD, ...transcripts }, zones: zone },
      ]),
    );
  }

  /** Counts a request of the lane that was refused with 403: `holdAfter` in a row put the lane on hold. */
  async noteForbidden(refusal: ForbiddenLook): Promise<TranscriptsState> {
    return this.#changeTranscripts(refusal.account, refusing(refusal));
  }

  /** Puts all transcripts on hold until `until` or later: an earlier instant never shortens the hold. */
  async holdTranscripts({ account, until, reason }: NewTranscriptsHold): Promise<TranscriptsState> {
    return this.#changeTranscripts(account, holdingTranscripts({ until, reason }));
  }

  /** Ends the hold of all transcripts, because one request was allowed: the source accepts the token again. */
  async endTranscriptsHold(account: string): Promise<void> {
    await this.#changeTranscripts(account, { pausedUntil: null, reason: null });
  }

  /**
   * Ends the lane's run of refusals and its hold, because one of its requests was allowed. Returns false and changes
   * nothing if the run is no longer as it was read.
   */
  async endLaneHold({
    account,
    lane,
    hold,
  }: {
    account: string;
    lane: TranscriptLane;
    hold: LaneHold;
  }): Promise<boolean> {
    const asRead = { [`transcripts.rests.${lane}.since`]: hold.since, [`transcripts.rests.${lane}.until`]: hold.until };
    const ended = await describing(`limits: ending the hold of the ${lane} transcripts of account ${account}`, () =>
      this.#limits.findOneAndUpdate({ _id: account, ...asRead }, [
        { $set: { transcripts: { $mergeObjects: ['$transcripts', forgetting([lane])] } } },
      ]),
    );
    return ended !== null;
  }

  /** Ends the holds of all lanes and forgets what was refused. */
  async endLaneHolds(account: string): Promise<void> {
    await this.#changeTranscripts(account, forgetting());
  }

  /** Takes the probe of a lane whose hold is over. Returns true to one of any number of callers. */
  async takeProbe({ account, lane, now, probeMs }: ProbeToTake): Promise<boolean> {
    const path = `transcripts.rests.${lane}` as const;
    const isFree = [{ [`${path}.probeFrom`]: null }, { [`${path}.probeFrom`]: { $lte: now } }];
    const taken = await describing(`limits: taking the probe of the ${lane} transcripts of account ${account}`, () =>
      this.#limits.findOneAndUpdate({ _id: account, [`${path}.until`]: { $lte: now }, $or: isFree }, [
        { $set: { [`${path}.probeFrom`]: new Date(now.getTime() + probeMs) } },
      ]),
    );
    return taken !== null;
  }

  async setAnalysis({ account, value }: NewAnalysis): Promise<TranscriptsState> {
    return this.#changeTranscripts(account, { analysis: value });
  }

  /** Returns an instant, `notBefore` or later, that names one claim of transcripts: no other of the account gets it. */
  async nextTranscriptLease({ account, notBefore }: { account: string; notBefore: Date }): Promise<Date> {
    const changes = { transcriptLeaseMs: { $max: [{ $add: ['$transcriptLeaseMs', 1] }, notBefore.getTime()] } };
    const options = { projection: { _id: 0, transcriptLeaseMs: 1 } };
    const { transcriptLeaseMs } = await this.#change<{ transcriptLeaseMs: number }>({ account, changes, options });
    return new Date(transcriptLeaseMs);
  }

  async #changeTranscripts(account: string, changes: Document): Promise<TranscriptsState> {
    const transcripts = { $mergeObjects: [UNHELD, '$transcripts', changes] };
    const changed = await this.#change<{ transcripts: TranscriptsState }>({
      account,
      changes: { transcripts },
      options: TRANSCRIPTS,
    });
    return changed.transcripts;
  }

  /** Sets fields to the expressions given, and creates the account's document first if there is none. */
  async #change<T>({
    account,
    changes,
    options,
  }: {
    account: string;
    changes: Document;
    options: FindOneAndUpdateOptions;
  }): Promise<T> {
    const update = [{ $replaceWith: { $mergeObjects: ['$$ROOT', changes] } }];
    const after = { ...options, returnDocument: 'after' } as const;
    const change = () => this.#limits.findOneAndUpdate({ _id: account }, update, after);
    const changed = await describing(`limits: changing the document of account ${account}`, async () => {
      const existing = await change();
      if (existing !== null) return existing;
      // A separate step: an upsert that loses a race does not report whether its change took effect.
      await insertNew(this.#limits, [{ _id: account }]);
      return change();
    });
    if (changed === null) throw new Error(`The limits of ${account} were deleted while they were being changed.`);
    return changed as T;
  }
}
