import { DateTime } from 'luxon';
import { beginAt, outlineCall, type CallFacts, type CallOutline } from './call-facts.js';
import { rowsOfCall } from './call-story.js';
import type { FeedRow } from './feed-row.js';
import { createRandom, type Random } from '../random.js';
import { servedInvocaAccount } from '../sample-account.js';
import { traitsOf } from './scenarios.js';
import { planTranscript } from '../transcripts/transcript-fates.js';
import type { TranscriptPlan } from '../transcripts/transcript-plan.js';

export interface SampleFeedOptions {
  readonly seed: number;
  /** Instant by which all calls of the period have ended. Their corrections and events may come later. */
  readonly endsAt: Date;
  /** Number of calls in the period; 2,000 by default. */
  readonly calls?: number;
  /** Length of the period; 7 days by default. */
  readonly days?: number;
  /** Calls that end one by one after `endsAt`; none by default. */
  readonly trickle?: { readonly calls: number; readonly everyMs: number };
}

export interface SampleFeed {
  /** Rows in the order of the feed: by availability. */
  readonly rows: readonly FeedRow[];
  /** One plan for each call. */
  readonly transcripts: readonly TranscriptPlan[];
}

const daySeconds = 86_400;
/** Longer than any call takes to appear in the feed. */
const settlingMs = 60_000;

/**
 * One call in this many ends so shortly before the end of the period that its rows are available, but its transcript
 * may not be ready.
 */
const callsPerRecentOne = 50;
const recentSeconds = [16, 40] as const;

/**
 * Writes the rows of an invented company's calls and the plans of their transcripts. Equal options give equal results.
 * Each call has its own streams of random choices, so that adding calls does not change the others.
 */
export function createSampleFeed(options: SampleFeedOptions): SampleFeed {
  const { calls = 2_000, trickle = { calls: 0, everyMs: 1 } } = options;
  const written: WrittenCall[] = [];
  for (let index = 0; index < calls; index += 1) {
    written.push(writeCall({ options, part: 'period', index, place: placeInPeriod }));
  }
  for (let index = 0; index < trickle.calls; index += 1) {
    written.push(writeCall({ options, part: 'trickle', index, place: placeInTrickle(trickle.everyMs) }));
  }
  return {
    // The sort is stable, so that rows of the same instant stay in the order of the calls.
    rows: written.flatMap(({ rows }) => rows).sort((a, b) => a.availableAt.getTime() - b.availableAt.getTime()),
    transcripts: written.map(({ transcript }) => transcript),
  };
}

interface WrittenCall {
  readonly rows: readonly FeedRow[];
  readonly transcript: TranscriptPlan;
}

interface CallPlace {
  readonly options: SampleFeedOptions;
  readonly outline: CallOutline;
  readonly index: number;
  readonly random: Random;
}

interface CallToTell {
  readonly options: SampleFeedOptions;
  readonly part: 'period' | 'trickle';
  readonly index: number;
  readonly place: (call: CallPlace) => CallFacts;
}

function writeCall({ options, part, index, place }: CallToTell): WrittenCall {
  const random = createRandom(options.seed, part, index);
  const traits = traitsOf(index);
  const outline = outlineCall(random, { isQuickHangUp: traits.has('quick-hang-up') });
  const facts = place({ options, outline, index, random });
  const rows = rowsOfCall({ facts, traits, random });
  const transcript = planTranscript({
    facts,
    index,
    availableAt: rows[0]?.availableAt ?? facts.endedAt,
    random: createRandom(options.seed, part, index, 'transcript'),
  });
  return { rows, transcript };
}

/** Places a call in the period, mostly in office hours, so that it is over before the period ends. */
function placeInPeriod(call: CallPlace): CallFacts {
  const { options, outline, index, random } = call;
  const { endsAt, days = 7 } = options;
  if (index % callsPerRecentOne === callsPerRecentOne - 1) return placeJustBeforeEnd(call);
  const latestSeconds = Math.floor((endsAt.getTime() - settlingMs) / 1_000) - outline.durationSeconds;
  const earliestSeconds = latestSeconds - days * daySeconds;
  const draw = () => new Date(random.int(earliestSeconds, latestSeconds) * 1_000);
  let startedAt = draw();
  for (let tries = 0; tries < 40 && !random.chance(callsPerHour(startedAt)); tries += 1) startedAt = draw();
  return beginAt(outline, startedAt);
}

function placeJustBeforeEnd({ options: { endsAt }, outline, random }: CallPlace): CallFacts {
  const endedSeconds = Math.floor(endsAt.getTime() / 1_000) - random.int(...recentSeconds);
  return beginAt(outline, new Date((endedSeconds - outline.durationSeconds) * 1_000));
}

/** Places calls one after another, at slightly irregular intervals and at any time of day. */
function placeInTrickle(everyMs: number) {
  return ({ options: { endsAt }, outline, index, random }: CallPlace): CallFacts => {
    const endedMs = endsAt.getTime() + (index + 1) * everyMs + random.int(0, Math.floor(everyMs / 2));
    return beginAt(outline, new Date((Math.floor(endedMs / 1_000) - outline.durationSeconds) * 1_000));
  };
}

/**
 * Returns the likelihood of a call at this hour compared with the busiest: mornings before afternoons, hardly any at
 * night or on Sundays.
 */
function callsPerHour(instant: Date): number {
  const { hour, weekday } = DateTime.fromJSDate(instant, { zone: servedInvocaAccount.timeZone });
  if (weekday === 7) return 0.02;
  const ofDay = weekday === 6 ? 0.3 : 1;
  if (hour < 7 || hour >= 19) return 0.03 * ofDay;
  return (hour < 12 ? 1 : 0.6) * ofDay;
}
