import type { Document } from 'mongodb';
import { TRANSCRIPT_LANES, type TranscriptLane } from '../../domain/transcripts/transcript.js';
import { EPOCH } from './holds.js';

/** The refusals (403) in one lane since its last request that was allowed, and the hold they led to. */
export interface LaneHold {
  readonly forbiddenInARow: number;
  /** Time of the first of them; null if there is none. */
  readonly since: Date | null;
  /** No transcript of the lane is asked for before this instant; the first after it is a probe. Null for no hold. */
  readonly until: Date | null;
  /** No other probe is made before this instant; null before the first. */
  readonly probeFrom: Date | null;
}

/** State of an account's requests for transcripts, in addition to the account's own hold. */
export interface TranscriptsState {
  /** No transcript of any lane is asked for before this instant. Null for no hold of all transcripts. */
  readonly pausedUntil: Date | null;
  /** Reason of the hold of all transcripts, in words for an operator. */
  readonly reason: string | null;
  readonly rests: Readonly<Record<TranscriptLane, LaneHold>>;
  /** `on` if the account has the source's analysis of transcripts, `off` if the source refuses it. */
  readonly analysis: 'unknown' | 'on' | 'off';
}

/** A request for a transcript that was just refused. */
export interface ForbiddenLook {
  readonly account: string;
  readonly lane: TranscriptLane;
  readonly now: Date;
  /** Number of refusals in a row that put the lane on hold; each further one prolongs it. */
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

/** Returns the changes of a hold of all transcripts. Of two holds the one that ends last applies, with its reason. */
export function holdingTranscripts({ until, reason }: { until: Date; reason: string }): Document {
  const isLonger = { $gt: [until, { $ifNull: ['$transcripts.pausedUntil', EPOCH] }] };
  return {
    pausedUntil: { $cond: [isLonger, until, { $ifNull: ['$transcripts.pausedUntil', null] }] },
    reason: { $cond: [isLonger, { $literal: reason }, { $ifNull: ['$transcripts.reason', null] }] },
  };
}

/** Returns the changes of a refusal. The clocks of workers differ, so a run begins at the earliest of its instants. */
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

/** Returns the changes that forget all refusals in these lanes: in all by default. */
export function forgetting(lanes = TRANSCRIPT_LANES): Document {
  return changingLanes(Object.fromEntries(lanes.map((lane) => [lane, UNREFUSED])));
}

function changingLanes(changes: Document): Document {
  return { rests: { $mergeObjects: [UNHELD.rests, '$transcripts.rests', changes] } };
}
