import type { RemergeResult } from '../store/calls/remerge-calls.js';
import {
  claimInvoices,
  releaseInvoices,
  type ClaimInvoicesInput,
  type ClaimInvoicesResult,
  type ReleaseInvoicesInput,
} from './invoices/claim-invoices.js';
import {
  claimTranscripts,
  type ClaimTranscriptsInput,
  type ClaimTranscriptsResult,
} from './transcripts/claim-transcripts.js';
import type { ActivityDependencies } from './dependencies.js';
import { type OpenStreamInput, type OpenStreamResult, openStream } from './feed/open-stream.js';
import { withFailures } from './failures.js';
import {
  planBackfill,
  planReconcile,
  type PlanBackfillInput,
  type PlanBackfillResult,
  type PlanReconcileInput,
  type PlanReconcileResult,
} from './days/plan-days.js';
import { remergeBatch, type RemergeBatchInput } from './repair/remerge-batch.js';

export interface StoreActivities {
  openStream(input: OpenStreamInput): Promise<OpenStreamResult>;
  planBackfill(input: PlanBackfillInput): Promise<PlanBackfillResult>;
  planReconcile(input: PlanReconcileInput): Promise<PlanReconcileResult>;
  claimInvoices(input: ClaimInvoicesInput): Promise<ClaimInvoicesResult>;
  releaseInvoices(input: ReleaseInvoicesInput): Promise<void>;
  claimTranscripts(input: ClaimTranscriptsInput): Promise<ClaimTranscriptsResult>;
  remergeBatch(input: RemergeBatchInput): Promise<RemergeResult>;
}

/** The activities of the workflow queue: they talk to MongoDB only. */
export function createStoreActivities(deps: ActivityDependencies): StoreActivities {
  return {
    openStream: (input) => withFailures('openStream', () => openStream(deps, input)),
    planBackfill: (input) => withFailures('planBackfill', () => planBackfill(deps, input)),
    planReconcile: (input) => withFailures('planReconcile', () => planReconcile(deps, input)),
    claimInvoices: (input) => withFailures('claimInvoices', () => claimInvoices(deps, input)),
    releaseInvoices: (input) => withFailures('releaseInvoices', () => releaseInvoices(deps, input)),
    claimTranscripts: (input) => withFailures('claimTranscripts', () => claimTranscripts(deps, input)),
    remergeBatch: (input) => withFailures('remergeBatch', () => remergeBatch(deps, input)),
  };
}
