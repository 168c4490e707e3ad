import {
  callerAreas,
  campaigns,
  hangupCauses,
  ivrHangupCauses,
  locations,
  serviceLines,
  unansweredCauses,
  type Campaign,
  type Location,
} from './company.js';
import type { Random } from '../random.js';

/** Facts of one call, before any row is written about it. */
export interface CallFacts {
  /** Id of the documented shape: 4 hexadecimal digits, a dash, 12 more. */
  readonly callId: string;
  readonly startedAt: Date;
  readonly endedAt: Date;
  readonly durationSeconds: number;
  readonly connectSeconds: number;
  readonly ivrSeconds: number;
  readonly caller: { readonly phone: string; readonly city: string; readonly region: string; readonly type: string };
  readonly location: Location;
  readonly campaign: Campaign;
  readonly serviceLine: string;
  readonly hangupCause: string;
}

/** A call without its place in time. */
export type CallOutline = Omit<CallFacts, 'startedAt' | 'endedAt'>;

export function outlineCall(random: Random, { isQuickHangUp }: { isQuickHangUp: boolean }): CallOutline {
  const area = random.pick(callerAreas);
  const ivrSeconds = isQuickHangUp ? random.int(1, 6) : random.int(8, 40);
  const isUnanswered = isQuickHangUp || random.chance(0.08);
  const connectSeconds = isUnanswered ? 0 : talkSeconds(random);
  return {
    callId: `${random.hex(4)}-${random.hex(12)}`,
    durationSeconds: ivrSeconds + connectSeconds,
    connectSeconds,
    ivrSeconds,
    caller: {
      phone: `${area.areaCode}-555-01${String(random.int(0, 99)).padStart(2, '0')}`,
      city: area.city,
      region: area.region,
      type: random.pick(['Mobile', 'Mobile', 'Mobile', 'Landline', '']),
    },
    location: random.pick(locations),
    campaign: random.pick(campaigns),
    serviceLine: random.pick(serviceLines),
    hangupCause: random.pick(isQuickHangUp ? ivrHangupCauses : isUnanswered ? unansweredCauses : hangupCauses),
  };
}

/** Picks a duration: most calls are over within four minutes, a few take up to a quarter of an hour. */
function talkSeconds(random: Random): number {
  const longest = random.chance(0.15) ? 900 : 240;
  return random.int(15, longest);
}

export function beginAt(outline: CallOutline, startedAt: Date): CallFacts {
  return { ...outline, startedAt, endedAt: new Date(startedAt.getTime() + outline.durationSeconds * 1_000) };
}
