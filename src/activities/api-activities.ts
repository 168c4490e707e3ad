import type { ActivityDependencies } from './dependencies.js';
import { drainPage, type DrainPageInput, type DrainPageResult } from './feed/drain-page.js';
import { type ProbeCursorInput, type ProbeCursorResult, probeCursor } from './feed/probe-cursor.js';
import { type SeedCursorInput, type SeedCursorResult, seedCursor } from './feed/seed-cursor.js';
import { withFailures } from './failures.js';
import { fetchAnalysis, type AskAnalysisInput } from './transcripts/fetch-analysis.js';
import { fetchTranscript, type LookResult } from './transcripts/fetch-transcript.js';
import { type SyncCallInput, type SyncCallResult, syncCall } from './invoices/sync-call.js';
import { type SyncInvoiceInput, type SyncInvoiceResult, syncInvoice } from './invoices/sync-invoice.js';
import { notingOutages } from './requests/noted-outages.js';
import { probeDay, type ProbeDayInput, type ProbeDayResult } from './days/probe-day.js';
import {
  findCallId,
  rereadCall,
  type FindCallIdInput,
  type FindCallIdResult,
  type RereadCallInput,
  type RereadCallResult,
  type RereadCrediraCallInput,
  type RereadCrediraCallResult,
  rereadCrediraCall,
} from './repair/reread-call.js';
import type { LookInput, LookReport } from './transcripts/look.js';
import { verifyPage, type VerifyPageInput, type VerifyPageResult } from './repair/verify-page.js';

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
  fetchAnalysis(input: AskAnalysisInput): Promise<LookReport>;
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
