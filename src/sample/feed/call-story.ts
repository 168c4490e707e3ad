import { callRow } from './call-row.js';
import type { SampleRow } from './call-row.js';
import { bundle } from './company.js';
import { correctionsOf } from './corrections.js';
import { entriesAtEnd } from './custom-entries.js';
import { eventsOf } from './events.js';
import type { FeedRow } from './feed-row.js';
import { oldVersionRowsOf } from './old-version-rows.js';
import { withOddValues } from './odd-values.js';
import { secondsAfter, toFeedRow } from './story.js';
import type { CallStory } from './story.js';

/** All rows that are ever written about one call, in the order of their availability. */
export function rowsOfCall(story: CallStory): FeedRow[] {
  const { facts, random } = story;
  const availableAt = secondsAfter(facts.endedAt, random.int(1, 15));
  const legs = legRows(story).map((row) => toFeedRow({ row, availableAt, random }));
  const destination = legs.at(-1);
  if (destination === undefined) return [];
  const later = [
    ...correctionsOf(story, destination),
    ...eventsOf(story, destination),
    ...oldVersionRowsOf(story, destination),
  ];
  return [...legs, ...later.sort((a, b) => a.availableAt.getTime() - b.availableAt.getTime())];
}

/** The destination leg comes last. */
function legRows({ facts, traits, random }: CallStory): SampleRow[] {
  const customData = traits.has('quick-hang-up') ? [] : entriesAtEnd(facts, random);
  const { campaign } = facts;
  const own = callRow({ facts, random, campaign, payinConditions: 'duration > 1 min and in_region', customData });
  const destination = traits.has('odd-values') ? withOddValues(own) : own;
  if (!traits.has('bundled')) return [destination];
  return [callRow({ facts, random, campaign: bundle, payinConditions: 'Bundled', customData }), destination];
}
