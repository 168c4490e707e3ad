import type { Collection, Db, Document, FindOneAndUpdateOptions } from 'mongodb';
import type { ZoneMismatch } from '../../domain/days/zone-check.js';
import type { TranscriptLane } from '../../domain/transcripts/transcript.js';
import { describing, insertNew } from '../errors.js';
import { climbing, type Hold, holding, type NewHold } from './holds.js';
import {
  forgetting,
  type LaneHold,
  holdingTranscripts,
  refusing,
  type ForbiddenLook,
  type TranscriptsState,
  UNHELD,
} from './transcript-holds.js';

const HOLD = { projection: { _id: 0, holdUntil: 1, rate: 1, epoch: 1, reason: 1 } } as const;
const TRANSCRIPTS = { projection: { _id: 0, transcripts: 1 } } as const;
const ZONE = { projection: { _id: 0, zone: 1 } } as const;
const BOTH = { projection: { ...HOLD.projection, ...TRANSCRIPTS.projection } } as const;

/** A row whose local time is not of the zone the account was said to be in. */
export interface ZoneNote extends ZoneMismatch {
  /** The zone that was set then. */
  readonly timeZone: string;
}

interface LimitDocument extends Partial<Hold> {
  readonly _id: string;
  readonly zone?: ZoneNote;
  /** When the rate climbed last. */
  readonly climbedAt?: Date | null;
  readonly transcripts?: TranscriptsState;
  /** Names the last claim of transcripts, in milliseconds since 1970. */
  readonly transcriptLeaseMs?: number;
}

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
  /** For how long no other probe is made. */
  readonly probeMs: number;
}

/** The collection `limits`. */
export class LimitStore {
  readonly #limits: Collection<LimitDocument>;

  constructor(db: Db) {
    this.#limits = db.collection('limits');
  }

  /** Null where the account never had a hold. */
  async read(account: string): Promise<Hold | null> {
    return describing(`limits: reading those of account ${account}`, () =>
      this.#limits.findOne<Hold>({ _id: account, holdUntil: { $exists: true } }, HOLD),
    );
  }

  /**
   * The account is on hold until `until` at least: an earlier instant never shortens a hold. Its rate is half of what
   * it was if it is to slow down, unless another such hold has begun since the request was made.
   */
  async hold(hold: NewHold & { readonly account: string }): Promise<Hold> {
    return this.#change<Hold>({ account: hold.account, changes: holding(hold), options: HOLD });
  }

  /**
   * The account's rate is a tenth of the ceiling higher, where a minute has passed since its last hold ended and
   * since it climbed last: of any number of callers one a minute has it climb. Gives the rate as it is then, null where
   * the setting holds.
   */
  async climb({ account, ceiling, now }: { account: string; ceiling: number; now: Date }): Promise<number | null> {
    const hold = await this.read(account);
    if (hold?.rate == null) return null;
    const { rate } = await this.#change<Pick<Hold, 'rate'>>({
      account,
      changes: climbing({ ceiling, now }),
      options: HOLD,
    });
    return rate;
  }

  /** The note of the last mismatch stays until another takes its place. */
  async noteZoneMismatch({ account, ...zone }: ZoneNote & { account: string }): Promise<void> {
    await this.#change({ account, changes: { zone: { $literal: zone } }, options: ZONE });
  }

  /** Null where no row disagreed with this zone. */
  async zoneMismatch({ account, timeZone }: { account: string; timeZone: string }): Promise<ZoneNote | null> {
    const limits = await describing(`limits: reading the zone noted of account ${account}`, () =>
      this.#limits.findOne({ _id: account }, ZONE),
    );
    return limits?.zone?.timeZone === timeZone ? limits.zone : null;
  }

  async transcriptsState(account: string): Promise<TranscriptsState> {
    const limits = await describing(`limits: reading the transcripts state of account ${account}`, () =>
      this.#limits.findOne({ _id: account }, TRANSCRIPTS),
    );
    return { ...UNHELD, ...limits?.transcripts };
  }

  /** What `read` and `transcriptsState` give, of the same moment and in one round trip. */
  async readAll(account: string): Promise<{ hold: Hold | null; transcripts: TranscriptsState }> {
    const limits = await describing(`limits: reading all of account ${account}`, () =>
      this.#limits.findOne<Partial<Hold> & Pick<LimitDocument, 'transcripts'>>({ _id: account }, BOTH),
    );
    const { transcripts, ...hold } = limits ?? {};
    return { hold: isHold(hold) ? hold : null, transcripts: { ...UNHELD, ...transcripts } };
  }

  /** One more request for a transcript of the lane was answered with 403: `holdAfter` in a row put it on hold. */
  async noteForbidden(refusal: ForbiddenLook): Promise<TranscriptsState> {
    return this.#changeTranscripts(refusal.account, refusing(refusal));
  }

  /** No transcript of the account is asked for until `until` at least: an earlier instant never shortens the hold. */
  async holdTranscripts({ account, until, reason }: NewTranscriptsHold): Promise<TranscriptsState> {
    return this.#changeTranscripts(account, holdingTranscripts({ until, reason }));
  }

  /** A request for a transcript was allowed: the token is accepted again. */
  async endTranscriptsHold(account: string): Promise<void> {
    await this.#changeTranscripts(account, { pausedUntil: null, reason: null });
  }

  /**
   * A request of the lane was allowed: the run of 403 is over, and with it a hold of the lane. False, and nothing
   * changed, if the run is no longer as it was when it was read.
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

  /** Whatever was refused, transcripts of all lanes are asked for as if nothing had been. */
  async endLaneHolds(account: string): Promise<void> {
    await this.#changeTranscripts(account, forgetting());
  }

  /** True for the one of any number of callers that may ask for a transcript of a lane whose hold is over. */
  async takeProbe({ account, lane, now, probeMs }: ProbeToTake): Promise<boolean> {
    const path = `transcripts.rests.${lane}` as const;
    const isFree = [{ [`${path}.probeFrom`]: null }, { [`${path}.probeFrom`]: { $lte: now } }];
    const taken = await describing(`limits: probing the ${lane} transcripts of account ${account}`, () =>
      this.#limits.findOneAndUpdate({ _id: account, [`${path}.until`]: { $lte: now }, $or: isFree }, [
        { $set: { [`${path}.probeFrom`]: new Date(now.getTime() + probeMs) } },
      ]),
    );
    return taken !== null;
  }

  async setAnalysis({ account, value }: NewAnalysis): Promise<TranscriptsState> {
    return this.#changeTranscripts(account, { analysis: value });
  }

  /** An instant not before the one given that names one claim of transcripts: no other of the account gets the same. */
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

  /** Sets fields to the expressions given, in a document of its own where the account has none yet. */
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
    const changed = await describing(`limits: changing those of account ${account}`, async () => {
      const existing = await change();
      if (existing !== null) return existing;
      // Apart from the change itself: an upsert that loses a race leaves it unsaid whether it counted.
      await insertNew(this.#limits, [{ _id: account }]);
      return change();
    });
    if (changed === null) throw new Error(`The limits of ${account} were deleted while they were being changed.`);
    return changed as T;
  }
}

/** All fields of a hold are written at once. */
function isHold(fields: Partial<Hold>): fields is Hold {
  return fields.holdUntil !== undefined;
}
