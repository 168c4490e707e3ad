import type { ActivityDependencies } from './dependencies.js';
import { drainPage } from './drain-page.js';
import type {
  DrainPageInput,
  DrainPageResult,
  ProbeCursorInput,
  ProbeCursorResult,
  SeedCursorInput,
  SeedCursorResult,
} from './drain-page-types.js';
import { withFailures } from './failures.js';
import { fetchAnalysis } from './fetch-analysis.js';
import { fetchTranscript } from './fetch-transcript.js';
import type { SyncCallInput, SyncCallResult, SyncInvoiceInput, SyncInvoiceResult } from './invoice-types.js';
import { notingOutages } from './noted-outages.js';
import { probeDay } from './probe-day.js';
import type { ProbeDayInput, ProbeDayResult } from './probe-day-types.js';
import { probeCursor } from './probe-cursor.js';
import { findCallId, rereadCall } from './reread-call.js';
import { rereadCrediraCall } from './reread-credira-call.js';
import type {
  FindCallIdInput,
  FindCallIdResult,
  RereadCallInput,
  RereadCallResult,
  RereadCrediraCallInput,
  RereadCrediraCallResult,
} from './reread-types.js';
import { seedCursor } from './seed-cursor.js';
import { syncCall } from './sync-call.js';
import { syncInvoice } from './sync-invoice.js';
import type { AskAnalysisInput, LookInput, LookOutcome, LookResult } from './transcript-types.js';
import { verifyPage } from './verify-page.js';
import type { VerifyPageInput, VerifyPageResult } from './verify-types.js';

export interface ApiActivities {
  drainPage(input: DrainPageInput): Promise<DrainPageResult>;
  verifyPage(input: VerifyPageInput): Promise<VerifyPageResult>;
  probeDay(input: ProbeDayInput): Promise<ProbeDayResult>;
  probeCursor(input: ProbeCursorInput): Promise<ProbeCursorResult>;
  seedCursor(input: SeedCursorInput): Promise<SeedCursorResult>;
  syncInvoice(input: SyncInvoiceInput): Promise<SyncInvoiceResult>;
  syncCall(input: SyncCallInput): Promise<SyncCallResult>;
  rereadCall(input: RereadCallInput): Promise<RereadCallResult>;
  findCallId(input: FindCallIdInput): Promise<FindCallIdResult>;
  rereadCrediraCall(input: RereadCrediraCallInput): Promise<RereadCrediraCallResult>;
  fetchTranscript(input: LookInput): Promise<LookResult>;
  fetchAnalysis(input: AskAnalysisInput): Promise<LookOutcome>;
}

/** The activities of the accounts' API queues. Each makes at most one request. */
export function createApiActivities(dependencies: ActivityDependencies): ApiActivities {
  const deps = notingOutages(dependencies);
  return {
    drainPage: (input) => withFailures('drainPage', () => drainPage(deps, input)),
    verifyPage: (input) => withFailures('verifyPage', () => verifyPage(deps, input)),
    probeDay: (input) => withFailures('probeDay', () => probeDay(deps, input)),
    probeCursor: (input) => withFailures('probeCursor', () => probeCursor(deps, input)),
    seedCursor: (input) => withFailures('seedCursor', () => seedCursor(deps, input)),
    syncInvoice: (input) => withFailures('syncInvoice', () => syncInvoice(deps, input)),
    syncCall: (input) => withFailures('syncCall', () => syncCall(deps, input)),
    rereadCall: (input) => withFailures('rereadCall', () => rereadCall(deps, input)),
    findCallId: (input) => withFailures('findCallId', () => findCallId(deps, input)),
    rereadCrediraCall: (input) => withFailures('rereadCrediraCall', () => rereadCrediraCall(deps, input)),
    fetchTranscript: (input) => withFailures('fetchTranscript', () => fetchTranscript(deps, input)),
    fetchAnalysis: (input) => withFailures('fetchAnalysis', () => fetchAnalysis(deps, input)),
  };
}
