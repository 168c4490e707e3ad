/**
 * Rules by which an account learns the limit of its API, which no API documents. A 429 shows what was answered right
 * before it; the next rate is a little lower. From there the rate climbs, slowly near the one that was refused.
 */

/** A 429 that lowered the rate, and what is known of the requests before it. */
export interface RateRefusal {
  readonly at: Date;
  /** Requests per second that were allowed at that time. */
  readonly rate: number;
  /** Number of requests that were answered in the `spanMs` before it, by all worker processes. */
  readonly answered: number;
  readonly spanMs: number;
  /** True if another one had lowered the rate within the minute before. */
  readonly isRelapse: boolean;
  /** Requests per second that the API refused then; null if that is not known, or longer ago. */
  readonly refusedBefore: number | null;
  /** Name of the worker process that was refused. Others add their answers. */
  readonly by: string;
}

export type NewRefusal = Pick<RateRefusal, 'at' | 'rate' | 'answered' | 'by'>;

/** Time without a hold or a climb after which the rate climbs. */
export const CLEAN_MS = 60_000;

/** Requests per second, one in 100 seconds: at an even lower rate an account would be as good as off. */
const LOWEST_RATE = 0.01;
/** Share of the ceiling below which refusals that show nothing about the API's limit do not lower the rate. */
const LOWEST_SHARE_WITHOUT_EVIDENCE = 1 / 50;
/** Answers from which a rate can be computed. Fewer may as well be refused because of another program's requests. */
const ENOUGH_ANSWERS = 3;
/** Share of the allowed rate that must have been answered for the same reason. */
const ENOUGH_SHARE = 1 / 4;
const SHORTEST_SPAN_MS = 1_000;
const SHORTEST_SPAN_REQUESTS = 5;
/** Most that requests of a second exceed the allowed rate by: what a worker was late with follows at this speed. */
const ABOVE_ALLOWED = 1.05;
/** Share of the refused rate at which requests continue: below it by more than the rate of a queue varies. */
const BELOW_REFUSED = 0.9;
/** The same share if that was refused too: an API that lets requests be saved up answers more than its limit first. */
const BELOW_REFUSED_AGAIN = 0.8;
const STEPS_TO_CEILING = 10;
/** Share of the refused rate that the first climb near it adds. Each further one adds twice as much as the last. */
const FIRST_STEP = 0.01;

/** Returns the time before a refusal in which answers are counted: a second, or what five requests take. */
export function spanBefore(rate: number): number {
  return Math.max(SHORTEST_SPAN_MS, (SHORTEST_SPAN_REQUESTS * 1_000) / rate);
}

/** Returns a refusal of which `answered` were counted in the time of {@link spanBefore}. */
export function refusalAfter(previous: RateRefusal | null, refused: NewRefusal): RateRefusal {
  const { at, rate } = refused;
  const isRelapse = previous !== null && at.getTime() - previous.at.getTime() < CLEAN_MS;
  const refusedBefore = isRelapse ? refusedRate(previous) : null;
  return { ...refused, spanMs: spanBefore(rate), isRelapse, refusedBefore };
}

/** Returns the requests per second that the API refused; null if too few were answered to know. */
export function refusedRate(refusal: RateRefusal): number | null {
  return evidentRate(refusal) ?? refusal.refusedBefore;
}

/** Returns the refused rate that the answers before the refusal show; null if they are too few. */
function evidentRate({ rate, answered, spanMs }: RateRefusal): number | null {
  const perSecond = (answered * 1_000) / spanMs;
  return answered < ENOUGH_ANSWERS || perSecond < rate * ENOUGH_SHARE
    ? null
    : Math.min(rate * ABOVE_ALLOWED, perSecond);
}

/** Returns the rate after a refusal: a little below the refused one, or half the allowed one if that is not known. */
export function loweredRate(refusal: RateRefusal, ceiling: number): number {
  const { rate, isRelapse } = refusal;
  const refused = evidentRate(refusal);
  if (refused !== null) return Math.max(LOWEST_RATE, refused * (isRelapse ? BELOW_REFUSED_AGAIN : BELOW_REFUSED));
  const lowest = Math.max(LOWEST_RATE, ceiling * LOWEST_SHARE_WITHOUT_EVIDENCE);
  return Math.max(Math.min(rate, lowest), rate / 2);
}

interface ClimbInput {
  readonly rate: number;
  /** The last refusal; null if none is known. */
  readonly refusal: RateRefusal | null;
  readonly ceiling: number;
}

/**
 * Returns the rate after a clean minute; null at the ceiling. It rises by a tenth of the ceiling, but only up to a
 * little below the refused rate. From there the steps start small and double, so that a limit that was raised is found.
 */
export function climbedRate({ rate, refusal, ceiling }: ClimbInput): number | null {
  const climbed = nextRate({ rate, step: ceiling / STEPS_TO_CEILING, refused: refusal && refusedRate(refusal) });
  // Adding up tenths may end a little below the ceiling.
  return climbed >= 0.999 * ceiling ? null : climbed;
}

function nextRate({ rate, step, refused }: { rate: number; step: number; refused: number | null }): number {
  if (refused === null) return rate + step;
  const near = BELOW_REFUSED * refused;
  // Adding up floating-point numbers may end a little below it.
  if (rate < 0.999 * near) return Math.min(rate + step, near);
  return rate + Math.min(step, Math.max(0, rate - near) + FIRST_STEP * refused);
}
