import { condition, proxyActivities, setCurrentDetails, setHandler, workflowInfo } from '@temporalio/workflow';
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

/** Place of a drain in its stream, handed from one run to the next when the workflow continues as new. */
export interface DrainPlace {
  readonly seq: number;
  readonly cursor: string | null;
  /** Counts of all pages written so far. */
  readonly counts: DrainCounts;
}

interface StreamToDrain {
  readonly account: string;
  readonly stream: string;
  readonly start: Omit<DrainPlace, 'counts'> & Partial<Pick<DrainPlace, 'counts'>>;
  readonly drainId: string;
  /** Days the stream is limited to; null for the live stream. */
  readonly days: Days | null;
  /** Names in the current details what is drained: the account, and its days if limited. */
  readonly what: string;
  /** `none`: calls seen for the first time get no transcript. */
  readonly transcripts: 'all' | 'none';
  readonly priorityKey: number;
  /** Pages after which this run hands over to the next one. */
  readonly maxPages?: number | undefined;
  /** True while no page may be asked for. */
  readonly isPaused?: () => boolean;
  /** Called whenever there is something new to show. */
  readonly report?: (progress: DrainProgress) => void;
}

/**
 * Follows a stream's cursor page by page until the feed ends, another drain or an operator moves the cursor, or the
 * history is long enough. Shows the progress. Waits for holds and outages with a named timer, which the Web UI shows.
 * Every page that was read is written and in the checkpoint when this returns or throws.
 * @returns a result at the end of the feed, or the place from which to continue as new
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
        if (page.isCaughtUp === true) return finish('caught-up');
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

/** Asks for the next page, after any pause. After an empty page, asks if the source knows the cursor. */
async function ask(
  input: StreamToDrain,
  { number, emptyAt, ...at }: { seq: number; precedingWaits: number; emptyAt: string | null; number: number },
): Promise<DrainPageResult> {
  const { account, stream, drainId, days, transcripts, priorityKey, isPaused } = input;
  if (isPaused?.() === true) await condition(() => !isPaused());
  const { drainPage, probeCursor } = proxyActivities<ApiActivities>(pageActivityOptions({ account, priorityKey }));
  if (emptyAt === null) {
    const beganAt = workflowInfo().startTime.toISOString();
    const page = { account, stream, drainId, beganAt, window: days, transcripts, ...at };
    return drainPage.executeWithOptions({ summary: `page ${number}` }, [page]);
  }
  return probeCursor.executeWithOptions({ summary: 'check of the cursor' }, [{ account, stream, emptyAt, ...at }]);
}
