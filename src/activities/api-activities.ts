import type { ActivityDependencies } from './dependencies.js';
import { drainPage } from './drain-page.js';
import type { DrainPageInput, DrainPageResult } from './drain-page-types.js';
import { withFailures } from './failures.js';

export interface ApiActivities {
  drainPage(input: DrainPageInput): Promise<DrainPageResult>;
}

/** The activities of the accounts' API queues. Each makes at most one request. */
export function createApiActivities(deps: ActivityDependencies): ApiActivities {
  return {
    drainPage: (input) => withFailures('drainPage', () => drainPage(deps, input)),
  };
}
