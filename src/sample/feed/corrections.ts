import { sampleRowOf, secondsAfter, toFeedRow, type CallStory } from './story.js';
import { clockText, newTransactionId, signalNames, type CustomEntry, type SampleRow } from './call-row.js';
import { signal, withEntries } from './custom-entries.js';
import type { FeedRow } from './feed-row.js';
import type { Random } from '../random.js';
import { servedInvocaAccount } from '../sample-account.js';

interface Correction {
  /** Newest row so far; the correction is a full row that replaces it. */
  readonly newest: FeedRow;
  /** The row that the correction names; `newest` by default. */
  readonly corrects?: FeedRow;
  readonly at: Date;
  readonly changes: SampleRow;
  readonly customData?: readonly CustomEntry[];
  readonly random: Random;
}

/** Writes a correction, available up to a minute after `at`. */
export function correct({ newest, corrects = newest, at, changes, customData = [], random }: Correction): FeedRow {
  const before = sampleRowOf(newest);
  const entries = withEntries(entriesOf(newest), customData);
  const row = {
    ...before,
    ...changes,
    transaction_id: newTransactionId(random),
    corrects_transaction_id: sampleRowOf(corrects)['transaction_id'],
    corrected_at: clockText(at, random.pick(correctionZones)),
    ...(before['transaction_type'] === 'Call' && { signal_name: signalNames(entries) }),
    custom_data: entries,
  };
  return toFeedRow({ row, availableAt: secondsAfter(at, random.int(1, 60)), random });
}

/** Writes the corrections of a call's destination leg: Signals found by Signal AI, and changes by people. */
export function correctionsOf(story: CallStory, original: FeedRow): FeedRow[] {
  const { facts, traits, random } = story;
  if (!traits.has('ai')) return [];
  const aiAt = secondsAfter(facts.endedAt, random.int(120, 900));
  const ai = correct({ newest: original, at: aiAt, changes: {}, customData: aiSignals(story), random });
  const byHand = correctionByHand({ story, original, newest: ai, at: secondsAfter(aiAt, random.int(1_200, 18_000)) });
  return byHand === null ? [ai] : [ai, byHand];
}

function correctionByHand({ story, original, newest, at }: ByHand): FeedRow | null {
  const { traits, random } = story;
  if (traits.has('signal-removed')) {
    const removed = [signal('Appointment Booked', 'UserOverride', false)];
    return correct({
      newest,
      at,
      changes: { notes: 'Not booked: called the wrong office' },
      customData: removed,
      random,
    });
  }
  const changes = { notes: 'Asked to be called back', call_result_description_detail: 'Repeat' };
  if (traits.has('notes-on-original')) return correct({ newest, corrects: original, at, changes, random });
  return traits.has('notes-on-previous') ? correct({ newest, at, changes, random }) : null;
}

interface ByHand {
  readonly story: CallStory;
  readonly original: FeedRow;
  readonly newest: FeedRow;
  readonly at: Date;
}

function aiSignals({ traits, random }: CallStory): CustomEntry[] {
  const isBooked = traits.has('signal-removed') || random.chance(0.6);
  const signals = [signal('Appointment Booked', 'AI', isBooked), signal('New Patient', 'AI', random.chance(0.4))];
  if (!traits.has('null-signal')) return signals;
  return [...signals, signal('Insurance Question', 'AI', null), signal('Over 60s', 'Expression', null)];
}

function entriesOf(feedRow: FeedRow): readonly CustomEntry[] {
  const { custom_data: customData } = sampleRowOf(feedRow);
  return Array.isArray(customData) ? (customData as readonly CustomEntry[]) : [];
}

/** Zones of `corrected_at`, whose offset differs between rows: its instants can be compared, its texts cannot. */
const correctionZones = [
  servedInvocaAccount.timeZone,
  servedInvocaAccount.timeZone,
  'America/New_York',
  'UTC',
] as const;
