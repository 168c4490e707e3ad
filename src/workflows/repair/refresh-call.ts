import { ApplicationFailure } from '@temporalio/common';
import { proxyActivities, setCurrentDetails, setHandler } from '@temporalio/workflow';
import type { ApiActivities } from '../../activities/api-activities.js';
import type {
  FindCallIdResult,
  RereadCallResult,
  RereadCrediraCallResult,
} from '../../activities/repair/reread-types.js';
import type { Source } from '../../domain/call.js';
import { pageActivityOptions, PRIORITY } from '../policies.js';
import { describeRefresh, refreshProgressQuery, type RefreshProgress, type RefreshResult } from './refresh-progress.js';
import { sleepUntil } from '../sleep-until.js';
import type { Wait } from '../wait.js';

export interface RefreshCallInput {
  readonly account: string;
  readonly source: Source;
  readonly id: string;
  /** `either`: where the source knows no call of this id, it may be that of a transaction. Credira knows calls only. */
  readonly idOf: 'call' | 'either';
}

interface Asking {
  readonly account: string;
  /** Called whenever there is something new to show. */
  readonly report: (changes: { readonly rows?: number; readonly waiting?: Wait | null }) => void;
}

/**
 * Reads all the source has of one call again and merges it, beside whatever else drains the account. When it
 * completes, the stored call says what its rows make; an id the source does not know changes nothing.
 */
export async function refreshCall({ account, source, id, idOf }: RefreshCallInput): Promise<RefreshResult> {
  let progress: RefreshProgress = { account, id, rows: 0, waiting: null };
  const asking: Asking = {
    account,
    report: (changes) => {
      progress = { ...progress, ...changes };
      setCurrentDetails(describeRefresh(progress));
    },
  };
  setHandler(refreshProgressQuery, () => progress);
  asking.report({});

  if (source === 'credira') return { account, ...(await rereadOfCredira(asking, id)) };
  const read = await rereadRows(asking, id);
  if (read.rows > 0) return { account, callId: id, ...read };
  const callId = idOf === 'call' ? null : await findCall(asking, id);
  if (callId === null) return { account, callId, ...read };
  return { account, callId, ...(await rereadRows(asking, callId)) };
}

function activitiesOf({ account }: Asking) {
  return proxyActivities<ApiActivities>(pageActivityOptions({ account, priorityKey: PRIORITY.probe }));
}

async function findCall(asking: Asking, transactionId: string): Promise<string | null> {
  const { account } = asking;
  const { findCallId } = activitiesOf(asking);
  const summary = `the call of ${transactionId}`;
  for (let precedingWaits = 0; ; precedingWaits += 1) {
    const input = { account, transactionId, precedingWaits };
    const found: FindCallIdResult = await findCallId.executeWithOptions({ summary }, [input]);
    if (found.outcome === 'answered') return found.callId;
    await waitAsTold(asking, found);
  }
}

async function rereadRows(asking: Asking, callId: string): Promise<{ rows: number; rejects: number }> {
  const { account } = asking;
  const { rereadCall } = activitiesOf(asking);
  const passed = new Set<string>();
  let place: { cursor: string | null; pageLimit: number | null } = { cursor: null, pageLimit: null };
  let counts = { rows: 0, rejects: 0 };
  let precedingWaits = 0;
  for (;;) {
    const summary = place.cursor === null ? callId : `${callId} after ${place.cursor}`;
    const page: RereadCallResult = await rereadCall.executeWithOptions({ summary }, [
      { account, callId, ...place, precedingWaits },
    ]);
    switch (page.outcome) {
      case 'page':
        counts = { rows: counts.rows + page.rows, rejects: counts.rejects + page.rejects };
        asking.report({ rows: counts.rows });
        if (page.cursor === null) return counts;
        if (passed.has(page.cursor)) throw goesInCircle(callId, page.cursor);
        passed.add(page.cursor);
        place = { ...place, cursor: page.cursor };
        precedingWaits = 0;
        break;
      case 'shrink':
        place = { ...place, pageLimit: page.pageLimit };
        break;
      case 'wait':
        precedingWaits += 1;
        await waitAsTold(asking, page);
        break;
    }
  }
}

async function rereadOfCredira(asking: Asking, callId: string): Promise<Omit<RefreshResult, 'account'>> {
  const { account } = asking;
  const { rereadCrediraCall } = activitiesOf(asking);
  for (let precedingWaits = 0; ; precedingWaits += 1) {
    const input = { account, callId, precedingWaits };
    const read: RereadCrediraCallResult = await rereadCrediraCall.executeWithOptions({ summary: callId }, [input]);
    if (read.outcome === 'answered') {
      const { isKnown, rejects } = read;
      return isKnown ? { callId, rows: 1, rejects } : { callId: null, rows: 0, rejects };
    }
    await waitAsTold(asking, read);
  }
}

async function waitAsTold({ report }: Asking, waiting: Wait): Promise<void> {
  report({ waiting });
  await sleepUntil(waiting);
  report({ waiting: null });
}

/** Going on would read the same rows for ever. */
function goesInCircle(callId: string, cursor: string): ApplicationFailure {
  return ApplicationFailure.nonRetryable(
    `Reading the call ${callId} again: a page ends at ${cursor}, where one has ended before, so the source goes in a ` +
      'circle. What was read is stored. Set INVOCA_PAGE_LIMIT to more rows than the call has.',
    'CursorRepeated',
  );
}
