import { condition, proxyActivities } from '@temporalio/workflow';
import type { ApiActivities } from '../../activities/api-activities.js';
import type { DrainPageResult } from '../../activities/feed/drain-page-types.js';
import type { Days } from '../../domain/days/days.js';
import { addPage, type DrainProgress } from './drain-progress.js';
import { pageActivityOptions } from '../policies.js';
import { untilAnswered } from '../until-answered.js';

export interface FollowCursorInput {
  readonly stream: string;
  readonly seq: number;
  readonly drainId: string;
  /** The days the stream is confined to; null for the live stream. */
  readonly days: Days | null;
  /** `none`: calls seen for the first time get no transcript. */
  readonly transcripts: 'all' | 'none';
  readonly priorityKey: number;
  /** Pages after which this run hands over to the next one. */
  readonly maxPages: number;
  readonly progress: DrainProgress;
  /** While it is true no page is asked for. */
  readonly isPaused: () => boolean;
  /** Called whenever there is something new to show. */
  readonly report: (progress: DrainProgress) => void;
}

export interface FollowCursorResult {
  /** `hand-over`: there is more, and the history is long enough. */
  readonly ended: 'caught-up' | 'cursor-moved' | 'hand-over';
  readonly seq: number;
  readonly progress: DrainProgress;
}

/**
 * Follows a cursor page by page until the feed is empty, somebody else moves the cursor, or it is time to continue as
 * new. Holds and outages are waited for here, with a named timer, so that they show in the Web UI. Every page that was
 * read is safely written and checkpointed when this returns or throws.
 */
export async function followCursor(input: FollowCursorInput): Promise<FollowCursorResult> {
  let { seq, progress } = input;
  let emptyAt: string | null = null;
  let pagesThisRun = 0;

  while (pagesThisRun < input.maxPages) {
    const page = await untilAnswered({
      call: (precedingWaits) => ask(input, { seq, emptyAt, precedingWaits, number: progress.pages + 1 }),
      show: (waiting) => input.report({ ...progress, waiting }),
    });
    if (page === null) break;
    switch (page.outcome) {
      case 'page':
        seq = page.seq;
        progress = { ...progress, ...addPage(progress, page), cursor: page.cursor };
        pagesThisRun += 1;
        break;
      case 'caught-up':
        return { ended: 'caught-up', seq, progress: { ...progress, cursor: page.cursor } };
      case 'empty':
        emptyAt = page.emptyAt;
        break;
      case 'moved':
        return { ended: 'cursor-moved', seq, progress };
    }
  }
  return { ended: 'hand-over', seq, progress };
}

/** Asks for the next page, once it is not paused; after an empty one, whether the source knows the cursor. */
async function ask(
  input: FollowCursorInput,
  { number, emptyAt, ...at }: { seq: number; precedingWaits: number; emptyAt: string | null; number: number },
): Promise<DrainPageResult> {
  if (input.isPaused()) await condition(() => !input.isPaused());
  const { stream, drainId, days, transcripts, priorityKey } = input;
  const { account } = input.progress;
  const { drainPage, probeCursor } = proxyActivities<ApiActivities>(pageActivityOptions({ account, priorityKey }));
  if (emptyAt === null) {
    const page = { account, stream, drainId, window: days, transcripts, ...at };
    return drainPage.executeWithOptions({ summary: `page ${number}` }, [page]);
  }
  return probeCursor.executeWithOptions({ summary: 'is the cursor known?' }, [{ account, stream, emptyAt, ...at }]);
}
