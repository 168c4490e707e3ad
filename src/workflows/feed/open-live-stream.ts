import { proxyActivities, setCurrentDetails } from '@temporalio/workflow';
import type { ApiActivities } from '../../activities/api-activities.js';
import type { SeedCursorInput, SeedCursorResult, SeedPlan } from '../../activities/feed/drain-page-types.js';
import type { StoreActivities } from '../../activities/store-activities.js';
import { liveStream } from '../ids.js';
import { pageActivityOptions, PRIORITY, storeActivityOptions } from '../policies.js';
import { sleepUntil } from '../sleep-until.js';
import { waitLine } from '../wait.js';

interface Place {
  readonly seq: number;
  readonly cursor: string | null;
}

/** Where an account's live stream stands; one never drained before is placed at the account's start first. */
export async function openLiveStream(account: string): Promise<Place> {
  const { openStream } = proxyActivities<StoreActivities>(storeActivityOptions);
  const stream = liveStream(account);
  const { seed, ...place } = await openStream({ account, stream });
  return seed === undefined ? place : placeAtDay({ account, stream, ...seed });
}

async function placeAtDay({ days, ...stream }: SeedPlan & Pick<SeedCursorInput, 'account' | 'stream'>): Promise<Place> {
  for (let index = 0; ; index += 1) {
    const seeded = await seed({ ...stream, day: days[index] ?? null });
    if (seeded.outcome === 'opened') return { seq: seeded.seq, cursor: seeded.cursor };
  }
}

async function seed(
  input: Omit<SeedCursorInput, 'precedingWaits'>,
): Promise<Exclude<SeedCursorResult, { outcome: 'wait' }>> {
  const { account, startDate, day } = input;
  const { seedCursor } = proxyActivities<ApiActivities>(
    pageActivityOptions({ account, priorityKey: PRIORITY.livePage }),
  );
  const summary = day === null ? 'start at the oldest row' : `a row of ${day} to start after`;
  for (let precedingWaits = 0; ; precedingWaits += 1) {
    setCurrentDetails(`**Looking for where ${startDate} begins in the feed of ${account}**`);
    const result: SeedCursorResult = await seedCursor.executeWithOptions({ summary }, [{ ...input, precedingWaits }]);
    if (result.outcome !== 'wait') return result;
    setCurrentDetails(`**${account}: ${waitLine(result)}**`);
    await sleepUntil(result);
  }
}
