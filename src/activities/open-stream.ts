import { ApplicationFailure } from '@temporalio/common';
import type { LiveStart } from '../store/checkpoint-types.js';
import { requireAccount, type ActivityDependencies, type FeedAccount } from './dependencies.js';
import type { OpenStreamInput, OpenStreamResult } from './drain-page-types.js';

/**
 * Where a stream stands. A stream never seen before is given a checkpoint: a window's at the beginning of its days, the
 * live one at the account's configured start. An existing one stays as it is, whatever the settings say.
 */
export async function openStream(deps: ActivityDependencies, input: OpenStreamInput): Promise<OpenStreamResult> {
  const feed = requireAccount(deps.feeds, input.account);
  const { account, stream, window } = input;
  const start = window === undefined ? liveStartOf(feed) : { cursor: null, window };
  const { seq, cursor } = await deps.store.checkpoints.open({ account, stream, pageLimit: feed.pageLimit, ...start });
  return { seq, cursor };
}

function liveStartOf({ name, startAfter, startDate }: FeedAccount): { cursor: string | null; liveStart: LiveStart } {
  if (startDate !== null) refuseStartDate(name);
  if (startAfter === null) return { cursor: null, liveStart: { kind: 'oldest' } };
  return { cursor: startAfter, liveStart: { kind: 'id', firstCallsAt: null } };
}

/** Draining from the oldest row instead would be what the operator wanted to avoid. */
function refuseStartDate(account: string): never {
  throw ApplicationFailure.nonRetryable(
    `Draining ${account}: INVOCA_START_DATE cannot be followed by this version. Set INVOCA_START_AFTER to a ` +
      'transaction id instead, or neither to start at the oldest row.',
    'StartDateUnavailable',
  );
}
