import { requireAccount, type ActivityDependencies } from './dependencies.js';
import type { OpenStreamInput, OpenStreamResult } from './drain-page-types.js';

/**
 * Where a stream stands. A stream never seen before is given a checkpoint at the account's configured start, which an
 * existing one keeps whatever the settings say.
 */
export async function openStream(deps: ActivityDependencies, input: OpenStreamInput): Promise<OpenStreamResult> {
  const feed = requireAccount(deps.feeds, input.account);
  const { seq, cursor } = await deps.store.checkpoints.open({
    stream: input.stream,
    account: input.account,
    cursor: feed.startAfter,
    pageLimit: feed.pageLimit,
  });
  return { seq, cursor };
}
