import type { Document } from 'mongodb';
import { TRANSCRIPT_LANES, type TranscriptLane } from '../../domain/transcripts/transcript.js';
import { EPOCH } from './holds.js';

/** What refusals (403) of transcripts have come to in one lane since the last request that was allowed. */
export interface LaneHold {
  readonly forbiddenInARow: number;
  /** When the first of them was; null where there is none. */
  readonly since: Date | null;
  /** No transcript of the lane is asked for before this instant; the first after it is a probe. Null for no hold. */
  readonly until: Date | null;
  /** No other probe is made before this instant; null before the first. */
  readonly probeFrom: Date | null;
}

/** Whether and how an account's transcripts are asked for, beside its hold. */
export interface TranscriptsState {
  /** No transcript is asked for before this instant, whatever its lane. Null where they are not on hold as a whole. */
  readonly pausedUntil: Date | null;
  /** Why they are on hold as a whole, in words for an operator. */
  readonly reason: string | null;
  readonly rests: Readonly<Record<TranscriptLane, LaneHold>>;
  /** Whether the account has the source's analysis of transcripts. */
  readonly analysis: 'unknown' | 'on' | 'off';
}

/** A refusal that was just answered. */
export interface ForbiddenLook {
  readonly account: string;
  readonly lane: TranscriptLane;
  readonly now: Date;
  /** So many in a row begin a hold of the lane; each after them makes it longer. */
  readonly holdAfter: number;
  readonly holdMs: number;
}

const UNREFUSED: LaneHold = { forbiddenInARow: 0, since: null, until: null, probeFrom: null };

export const UNHELD: TranscriptsState = {
  pausedUntil: null,
  reason: null,
  rests: { fresh: UNREFUSED, old: UNREFUSED },
  analysis: 'unknown',
};

/** The hold of all transcripts that ends last counts, with its reason. */
export function holdingTranscripts({ until, reason }: { until: Date; reason: string }): Document {
  const isLonger = { $gt: [until, { $ifNull: ['$transcripts.pausedUntil', EPOCH] }] };
  return {
    pausedUntil: { $cond: [isLonger, until, { $ifNull: ['$transcripts.pausedUntil', null] }] },
    reason: { $cond: [isLonger, { $literal: reason }, { $ifNull: ['$transcripts.reason', null] }] },
  };
}

/** One more refusal in the lane. Clocks of workers differ: the earliest of its instants is its beginning. */
export function refusing({ lane, now, holdAfter, holdMs }: ForbiddenLook): Document {
  const before = (field: keyof LaneHold) => `$transcripts.rests.${lane}.${field}`;
  const forbiddenInARow = { $add: [{ $ifNull: [before('forbiddenInARow'), 0] }, 1] };
  const until = { $max: [before('until'), new Date(now.getTime() + holdMs)] };
  return changingLanes({
    [lane]: {
      forbiddenInARow,
      since: { $min: [before('since'), now] },
      until: { $cond: [{ $gte: [forbiddenInARow, holdAfter] }, until, { $ifNull: [before('until'), null] }] },
      probeFrom: { $ifNull: [before('probeFrom'), null] },
    },
  });
}

/** No refusal counts any more in these lanes: all by default. */
export function forgetting(lanes = TRANSCRIPT_LANES): Document {
  return changingLanes(Object.fromEntries(lanes.map((lane) => [lane, UNREFUSED])));
}

function changingLanes(changes: Document): Document {
  return { rests: { $mergeObjects: [UNHELD.rests, '$transcripts.rests', changes] } };
}
