import type { CallFacts } from '../feed/call-facts.js';
import { converse } from './conversation.js';
import type { Random } from '../random.js';
import { secondsAfter } from '../feed/story.js';
import type { NotYet, TranscriptFate, TranscriptPlan } from './transcript-plan.js';

/** Fates that depend on the index of a call: one call in `every`, at `index`. No two are neighbours. */
const rareFates: readonly { readonly every: number; readonly index: number; readonly fate: TranscriptFate }[] = [
  { every: 1_000, index: 3, fate: 'gone' },
  { every: 2_000, index: 7, fate: 'too-large' },
  { every: 2_000, index: 49, fate: 'unknown-shape' },
  { every: 250, index: 11, fate: 'forbidden' },
  { every: 50, index: 13, fate: 'silent' },
];

const shortestTranscriptSeconds = 20;

/** One call in this many gets its analysis so many seconds after its transcript. */
const callsPerLateAnalysis = 10;
const lateAnalysisSeconds = 15;

interface CallToTranscribe {
  readonly facts: CallFacts;
  readonly index: number;
  /** Instant at which the call's first row became available. */
  readonly availableAt: Date;
  readonly random: Random;
}

/**
 * Plans the fate of a call's transcript and when it is ready: mostly within seconds, for some calls within two minutes
 * of their end.
 */
export function planTranscript({ facts, index, availableAt, random }: CallToTranscribe): TranscriptPlan {
  const fate = fateOf(facts, index);
  const readyAt = readyAtOf({ facts, availableAt, random });
  const plan = {
    callId: facts.callId,
    fate,
    readyAt,
    ...(index % callsPerLateAnalysis === 5 && { analysisReadyAt: secondsAfter(readyAt, lateAnalysisSeconds) }),
    notYet: random.pick(waysToSayNotYet),
  };
  return fate === 'ready' || fate === 'too-large' ? { ...plan, ...converse(facts, random) } : plan;
}

function fateOf({ connectSeconds }: CallFacts, callIndex: number): TranscriptFate {
  const rare = rareFates.find(({ every, index }) => callIndex % every === index);
  if (rare !== undefined) return rare.fate;
  if (connectSeconds === 0) return 'none';
  return connectSeconds < shortestTranscriptSeconds ? 'too-short' : 'ready';
}

function readyAtOf({ facts, availableAt, random }: Omit<CallToTranscribe, 'index'>): Date {
  const tenths = random.int(1, 10);
  if (tenths <= 4) return secondsAfter(availableAt, random.int(1, 8));
  return secondsAfter(facts.endedAt, tenths <= 8 ? random.int(20, 60) : random.int(61, 100));
}

const waysToSayNotYet: readonly [NotYet, ...NotYet[]] = [
  '404',
  '404',
  '404',
  'empty-list',
  'empty-list',
  '204',
  'error-with-200',
];
