import type { ActivityDependencies } from './dependencies.js';
import type { OpenStreamInput, OpenStreamResult } from './drain-page-types.js';
import { withFailures } from './failures.js';
import { openStream } from './open-stream.js';

export interface StoreActivities {
  openStream(input: OpenStreamInput): Promise<OpenStreamResult>;
}

/** The activities of the workflow queue: they talk to MongoDB only. */
export function createStoreActivities(deps: ActivityDependencies): StoreActivities {
  return {
    openStream: (input) => withFailures('openStream', () => openStream(deps, input)),
  };
}
