import { claimTranscripts } from './claim-transcripts.js';
import type { ActivityDependencies } from './dependencies.js';
import type { OpenStreamInput, OpenStreamResult } from './drain-page-types.js';
import { withFailures } from './failures.js';
import { openStream } from './open-stream.js';
import type { ClaimTranscriptsInput, ClaimTranscriptsResult } from './transcript-types.js';

export interface StoreActivities {
  openStream(input: OpenStreamInput): Promise<OpenStreamResult>;
  claimTranscripts(input: ClaimTranscriptsInput): Promise<ClaimTranscriptsResult>;
}

/** The activities of the workflow queue: they talk to MongoDB only. */
export function createStoreActivities(deps: ActivityDependencies): StoreActivities {
  return {
    openStream: (input) => withFailures('openStream', () => openStream(deps, input)),
    claimTranscripts: (input) => withFailures('claimTranscripts', () => claimTranscripts(deps, input)),
  };
}
