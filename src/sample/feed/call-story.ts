import { callRow, type SampleRow } from './call-row.js';
import { bundle } from './company.js';
import { correctionsOf } from './corrections.js';
import { entriesAtEnd } from './custom-entries.js';
import { eventRowsOf } from './events.js';
import type { FeedRow } from './feed-row.js';
import { oldVersionRowsOf } from './old-version-rows.js';
import { secondsAfter, toFeedRow, type CallStory } from './story.js';

/** Writes all rows about one call, in the order of their availability. */
export function rowsOfCall(story: CallStory): FeedRow[] {
  const { facts, random } = story;
  const availableAt = secondsAfter(facts.endedAt, random.int(1, 15));
  const legs = legRows(story).map((row) => toFeedRow({ row, availableAt, random }));
  const destination = legs.at(-1);
  if (destination === undefined) return [];
  const later = [
    ...correctionsOf(story, destination),
    ...eventRowsOf(story, destination),
    ...oldVersionRowsOf(story, destination),
  ];
  return [...legs, ...later.sort((a, b) => a.availableAt.getTime() - b.availableAt.getTime())];
}

/** Writes the rows of the legs; the destination leg is the last. */
function legRows({ facts, traits, random }: CallStory): SampleRow[] {
  const customData = traits.has('quick-hang-up') ? [] : entriesAtEnd(facts, random);
  const { campaign } = facts;
  const own = callRow({ facts, random, campaign, payinConditions: 'duration > 1 min and in_region', customData });
  const destination = traits.has('odd-values') ? withOddValues(own) : own;
  if (!traits.has('bundled')) return [destination];
  return [callRow({ facts, random, campaign: bundle, payinConditions: 'Bundled', customData }), destination];
}

/** Changes the row to values that an API without documented types might send. */
function withOddValues(row: SampleRow): SampleRow {
  return {
    ...row,
    duration: String(row['duration']),
    connect_duration: String(row['connect_duration']),
    start_time_utc: String(row['start_time_utc']),
    advertiser_payin_localized: '$12.00',
    revenue: '$1,234.50',
    opt_in_SMS: '0',
    city: null,
    region: '',
    notes: 'Très pressé 🦷\nwants "Dr. Núñez" only',
    // Columns that are not documented.
    conversation_topics: ['billing', 'whitening'],
    'Chair Time': 45,
  };
}
