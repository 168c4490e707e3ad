import { ApplicationFailure } from '@temporalio/common';
import { requireAccount, type ActivityDependencies } from './dependencies.js';
import type { OpenStreamInput, OpenStreamResult } from './drain-page-types.js';

/**
 * Where a stream stands. A stream never seen before is given a checkpoint at the account's configured start, which an
 * existing one keeps whatever the settings say.
 */
export async function openStream(deps: ActivityDependencies, input: OpenStreamInput): Promise<OpenStreamResult> {
  const feed = requireAccount(deps.feeds, input.account);
  if (feed.startDate !== null) refuseStartDate(input.account);
  const { seq, cursor } = await deps.store.checkpoints.open({
    stream: input.stream,
    account: input.account,
    cursor: feed.startAfter,
    pageLimit: feed.pageLimit,
  });
  return { seq, cursor };
}

/** Draining from the oldest row instead would be what the operator wanted to avoid. */
function refuseStartDate(account: string): never {
  throw ApplicationFailure.nonRetryable(
    `Draining ${account}: INVOCA_START_DATE cannot be followed by this version. Set INVOCA_START_AFTER to a ` +
      'transaction id instead, or neither to start at the oldest row.',
    'StartDateUnavailable',
  );
}
