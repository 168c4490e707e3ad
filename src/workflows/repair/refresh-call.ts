import { setCurrentDetails, setHandler } from '@temporalio/workflow';
import { handOver } from '../hand-over.js';
import { PRIORITY } from '../policies.js';
import { untilAnswered } from '../until-answered.js';
import type { Wait } from '../progress.js';
import { beforeReading, placeAfter, askAboutCall, type CallToRead, type RereadPlace } from './read-call.js';
import {
  refreshDetails,
  refreshProgressQuery,
  refreshResultDetails,
  type RefreshProgress,
  type RefreshResult,
} from './repair-progress.js';

export interface RefreshCallInput extends CallToRead {
  /** Requests after which this run hands over to the next one. */
  readonly maxRequestsPerRun?: number;
  /** Handed from one run to the next when the workflow continues as new. */
  readonly carried?: RereadPlace;
}

/**
 * Reads all rows of one call again and merges them; drains of the account may run at the same time. When it completes,
 * the stored call is computed from all its rows. An id the source does not know changes nothing.
 * @throws non-retryable `CursorRepeated` if the source repeats its pages
 */
export async function refreshCall(input: RefreshCallInput): Promise<RefreshResult> {
  const { account, id, maxRequestsPerRun = Infinity } = input;
  let place: RereadPlace = input.carried ?? beforeReading(id);
  let progress: RefreshProgress = { account, id, rows: place.rows, waiting: null };
  let requests = 0;
  setHandler(refreshProgressQuery, () => progress);
  const show = (waiting: Wait | null): void => {
    progress = { account, id, rows: place.rows, waiting };
    setCurrentDetails(refreshDetails(progress));
  };

  for (;;) {
    const answer = await untilAnswered({
      call: async (precedingWaits) => {
        requests += 1;
        const result = await askAboutCall({ ...input, place, precedingWaits, priorityKey: PRIORITY.probe });
        if (result.outcome === 'shrink') place = { ...place, pageLimit: result.pageLimit };
        return result;
      },
      show,
      isOver: () => requests >= maxRequestsPerRun,
    });
    if (answer === null) return handOver<typeof refreshCall>({ ...input, carried: place });
    const after = placeAfter(input, place, answer);
    place = after.place;
    show(null);
    if (after.isEnd) return finish({ account, callId: place.callId, rows: place.rows, rejects: place.rejects }, id);
  }
}

function finish(result: RefreshResult, id: string): RefreshResult {
  setCurrentDetails(refreshResultDetails(result, id));
  return result;
}
