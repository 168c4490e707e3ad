import type { Document } from 'mongodb';
import type { ZoneCode, ZoneVerdict, ZoneVerdicts } from '../../domain/days/zone-check.js';

/** A row whose offset disagrees: of all such rows, the one whose call started last. */
export interface ZoneNote extends Omit<ZoneVerdict, 'disagrees'> {
  /** Zone of the account's settings; null if none is set. */
  readonly timeZone: string | null;
  /** Time from which on the newest verdict has always been that something disagrees. */
  readonly since: Date;
}

/** The notes by comparison; null if the call that started last agrees. */
export type ZoneNotes = Readonly<Record<ZoneCode, ZoneNote | null>>;

/** The newest verdict. */
interface ZoneState {
  readonly verdict: ZoneVerdict;
  /** Null if the verdict agrees. */
  readonly since: Date | null;
}

/** The newest verdicts by comparison, as stored; null if no row stated the columns. */
export type ZoneStates = Readonly<Record<ZoneCode, ZoneState | null>> & {
  /** Zone of the account's settings when they were noted. With another zone, all begins again. */
  readonly timeZone: string | null;
};

export interface NewVerdicts {
  readonly timeZone: string | null;
  readonly verdicts: ZoneVerdicts;
  readonly now: Date;
}

/** Returns the changes that replace older verdicts, and all verdicts noted with another zone. */
export function noting({ timeZone, verdicts, now }: NewVerdicts): Document {
  const kept = { $cond: [{ $eq: ['$zone.timeZone', timeZone] }, '$zone', {}] };
  const noted = {
    timeZone,
    'time-zone': newest('time-zone', verdicts, now),
    'platform-time-zone': newest('platform-time-zone', verdicts, now),
  };
  return { zone: { $let: { vars: { kept }, in: noted } } };
}

function newest(code: ZoneCode, verdicts: ZoneVerdicts, now: Date): Document {
  const before = `$$kept.${code}`;
  const verdict = verdicts[code];
  if (verdict === null) return { $ifNull: [before, null] };
  const later = { $max: [`${before}.verdict`, { $literal: inOrder(verdict) }] };
  const since = { $cond: ['$$later.disagrees', { $ifNull: [`${before}.since`, now] }, null] };
  return { $let: { vars: { later }, in: { verdict: '$$later', since } } };
}

/** Returns the fields in the order of `compareVerdicts`, because MongoDB compares documents field by field. */
function inOrder({ startedAt, disagrees, transactionId, statedOffset, expectedOffset }: ZoneVerdict): ZoneVerdict {
  return { startedAt, disagrees, transactionId, statedOffset, expectedOffset };
}

/** Returns the notes that apply with the account's zone. */
export function notesOf(states: ZoneStates | undefined, timeZone: string | null): ZoneNotes {
  const noteOf = (code: ZoneCode): ZoneNote | null => {
    const state = states?.timeZone === timeZone ? states[code] : null;
    // An older release wrote another form, without this state.
    if (state?.since == null) return null;
    const { transactionId, startedAt, statedOffset, expectedOffset } = state.verdict;
    return { transactionId, startedAt, statedOffset, expectedOffset, timeZone, since: state.since };
  };
  return { 'time-zone': noteOf('time-zone'), 'platform-time-zone': noteOf('platform-time-zone') };
}
