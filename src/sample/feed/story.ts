import type { CallFacts } from './call-facts.js';
import type { SampleRow } from './call-row.js';
import { isRecord, type FeedRow } from './feed-row.js';
import type { Random } from '../random.js';
import type { Trait } from './scenarios.js';

/** A call, its traits, and the random choices for everything else. */
export interface CallStory {
  readonly facts: CallFacts;
  readonly traits: ReadonlySet<Trait>;
  readonly random: Random;
}

export function toFeedRow({
  row,
  availableAt,
  random,
}: {
  row: SampleRow;
  availableAt: Date;
  random: Random;
}): FeedRow {
  return { row, availableAt, clearedTo: random.chance(0.5) ? null : 0 };
}

export function sampleRowOf({ row }: FeedRow): SampleRow {
  return isRecord(row) ? row : {};
}

export function secondsAfter(instant: Date, seconds: number): Date {
  return new Date(instant.getTime() + seconds * 1_000);
}
