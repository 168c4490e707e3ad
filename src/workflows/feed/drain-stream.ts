import { condition, proxyActivities, setCurrentDetails, setHandler } from '@temporalio/workflow';
import type { ApiActivities } from '../../activities/api-activities.js';
import type { DrainPageResult } from '../../activities/feed/drain-page.js';
import type { Days } from '../../domain/days/days.js';
import {
  addPage,
  drainDetails,
  drainProgressQuery,
  drainResultDetails,
  NO_COUNTS,
  type DrainCounts,
  type DrainProgress,
  type DrainResult,
} from './drain-progress.js';
import { MAX_PAGES_PER_RUN, pageActivityOptions } from '../policies.js';
import { untilAnswered } from '../until-answered.js';

/** How far a stream is drained: what one run hands to the next when the workflow continues as new. */
export interface DrainPlace {
  readonly seq: number;
  readonly cursor: string | null;
  /** Of the pages written by then. */
  readonly counts: DrainCounts;
}

interface StreamToDrain {
  readonly account: string;
  readonly stream: string;
  readonly start: Omit<DrainPlace, 'counts'> & Partial<Pick<DrainPlace, 'counts'>>;
  readonly drainId: string;
  /** The days the stream is confined to; null for the live stream. */
  readonly days: Days | null;
  /** What is drained, for a person. */
  readonly what: string;
  /** `none`: calls seen for the first time get no transcript. */
  readonly transcripts: 'all' | 'none';
  readonly priorityKey: number;
  /** Pages after which this run hands over to the next one. */
  readonly maxPages?: number | undefined;
  /** While it is true no page is asked for. */
  readonly isPaused?: () => boolean;
  /** Called whenever there is something new to show. */
  readonly report?: (progress: DrainProgress) => void;
}

/**
 * Follows a stream's cursor page by page until the feed is empty, somebody else moves the cursor, or it is time to
 * continue as new, and shows how far it is meanwhile. Holds and outages are waited for here, with a named timer, so
 * that they show in the Web UI. Every page that was read is safely written and checkpointed when this returns or
 * throws.
 * @returns the place to continue as new from where there is more, and the history is long enough
 */
export async function drainStream(input: StreamToDrain): Promise<DrainResult | DrainPlace> {
  const { account, start, what, maxPages = MAX_PAGES_PER_RUN } = input;
  let { seq, cursor, counts = NO_COUNTS } = start;
  let progress: DrainProgress = { account, cursor, ...counts, waiting: null };
  let emptyAt: string | null = null;
  setHandler(drainProgressQuery, () => progress);
  const finish = (ended: DrainResult['ended']): DrainResult => {
    const result = { ...counts, account, cursor, ended };
    setCurrentDetails(drainResultDetails(result, what));
    return result;
  };

  for (let pages = 0; pages < maxPages;) {
    const page = await untilAnswered({
      call: (precedingWaits) => ask(input, { seq, emptyAt, precedingWaits, number: counts.pages + 1 }),
      show: (waiting) => {
        progress = { account, cursor, ...counts, waiting };
        setCurrentDetails(drainDetails(progress, what));
        input.report?.(progress);
      },
    });
    if (page === null) break;
    switch (page.outcome) {
      case 'page':
        ({ seq, cursor } = page);
        counts = addPage(counts, page);
        pages += 1;
        break;
      case 'caught-up':
        ({ cursor } = page);
        return finish('caught-up');
      case 'empty':
        emptyAt = page.emptyAt;
        break;
      case 'moved':
        return finish('cursor-moved');
    }
  }
  return { seq, cursor, counts };
}

/** Asks for the next page, once it is not paused; after an empty one, whether the source knows the cursor. */
async function ask(
  input: StreamToDrain,
  { number, emptyAt, ...at }: { seq: number; precedingWaits: number; emptyAt: string | null; number: number },
): Promise<DrainPageResult> {
  const { account, stream, drainId, days, transcripts, priorityKey, isPaused } = input;
  if (isPaused?.() === true) await condition(() => !isPaused());
  const { drainPage, probeCursor } = proxyActivities<ApiActivities>(pageActivityOptions({ account, priorityKey }));
  if (emptyAt === null) {
    const page = { account, stream, drainId, window: days, transcripts, ...at };
    return drainPage.executeWithOptions({ summary: `page ${number}` }, [page]);
  }
  return probeCursor.executeWithOptions({ summary: 'is the cursor known?' }, [{ account, stream, emptyAt, ...at }]);
}
