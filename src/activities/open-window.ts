import { requireAccount, type ActivityDependencies } from './dependencies.js';
import type { OpenStreamResult, OpenWindowInput } from './drain-page-types.js';

/** Where the stream of a window stands; one never seen before is given a checkpoint before the window's first row. */
export async function openWindow(deps: ActivityDependencies, input: OpenWindowInput): Promise<OpenStreamResult> {
  const { account, stream, window } = input;
  const { pageLimit } = requireAccount(deps.feeds, account);
  const { seq, cursor } = await deps.store.checkpoints.open({ stream, account, cursor: null, pageLimit, window });
  return { seq, cursor };
}
