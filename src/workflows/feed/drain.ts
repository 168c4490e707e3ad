import { proxyActivities, setCurrentDetails, workflowInfo } from '@temporalio/workflow';
import type { ApiActivities } from '../../activities/api-activities.js';
import type { OpenStreamResult, SeedPlan } from '../../activities/feed/open-stream.js';
import type { StoreActivities } from '../../activities/store-activities.js';
import type { DrainResult } from './drain-progress.js';
import { drainStream, type DrainPlace } from './drain-stream.js';
import { handOver } from '../hand-over.js';
import { liveStream } from '../ids.js';
import { MAX_PAGES_PER_RUN, pageActivityOptions, PRIORITY, storeActivityOptions } from '../policies.js';
import { untilAnswered } from '../until-answered.js';
import { waitLine } from '../progress.js';

export interface DrainInput {
  readonly account: string;
  readonly maxPagesPerRun?: number;
  /** Handed from one run to the next when the workflow continues as new. */
  readonly carried?: DrainPlace;
  /** Handed on instead of `carried` while the stream has no checkpoint yet. */
  readonly seed?: SeedPlan;
}

/**
 * Drains an account's live feed from its checkpoint to the end. When it completes as `caught-up`, every row the source
 * had shown by then is in its call's document or kept as a reject, and the checkpoint is at the last row with an id.
 */
export async function drain(input: DrainInput): Promise<DrainResult> {
  const { seed, ...opened } = input;
  const { account, maxPagesPerRun: maxPages = MAX_PAGES_PER_RUN } = input;
  const start = input.carried ?? (await openLiveStream({ account, seed, maxRequests: maxPages }));
  if ('seed' in start) return handOver<typeof drain>({ ...input, seed: start.seed });
  const drained = await drainStream({
    account,
    stream: liveStream(account),
    start,
    drainId: workflowInfo().firstExecutionRunId,
    days: null,
    what: account,
    transcripts: 'all',
    priorityKey: PRIORITY.livePage,
    maxPages,
  });
  return 'ended' in drained ? drained : handOver<typeof drain>({ ...opened, carried: drained });
}

interface OpenLiveStreamInput {
  readonly account: string;
  /** Rest of the search for the account's start, from the previous run. */
  readonly seed: SeedPlan | undefined;
  /** Requests after which this run hands over to the next one. */
  readonly maxRequests: number;
}

/**
 * Returns the place of an account's live stream. Opens a new stream at the account's start first. A result with `seed`
 * has no place yet: the workflow must continue as new with it.
 */
async function openLiveStream(input: OpenLiveStreamInput): Promise<OpenStreamResult> {
  const { account } = input;
  const { openStream } = proxyActivities<StoreActivities>(storeActivityOptions);
  if (input.seed !== undefined) return placeAtDay(input, input.seed);
  const opened = await openStream({ account, stream: liveStream(account) });
  return opened.seed === undefined ? opened : placeAtDay(input, opened.seed);
}

/** Looks for a row to start after, day by day, and opens the stream at the oldest row if no day has one. */
async function placeAtDay({ account, maxRequests }: OpenLiveStreamInput, seed: SeedPlan): Promise<OpenStreamResult> {
  const { startDate } = seed;
  const { seedCursor } = proxyActivities<ApiActivities>(
    pageActivityOptions({ account, priorityKey: PRIORITY.livePage }),
  );
  const looking = `looking for the start of ${startDate}`;
  let requests = 0;
  for (let { days } = seed; ; days = days.slice(1)) {
    const day = days[0] ?? null;
    const seeded = await untilAnswered({
      call: (precedingWaits) => {
        requests += 1;
        const summary = day === null ? 'start at the oldest row' : `start after a row of ${day}`;
        const request = { account, stream: liveStream(account), startDate, day, precedingWaits };
        return seedCursor.executeWithOptions({ summary }, [request]);
      },
      show: (waiting) =>
        setCurrentDetails(`**Draining ${account}: ${waiting === null ? looking : waitLine(waiting)}**`),
      isOver: () => requests >= maxRequests,
    });
    if (seeded === null) return { seq: 0, cursor: null, seed: { startDate, days } };
    if (seeded.outcome === 'opened') return seeded;
  }
}
