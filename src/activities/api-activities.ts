import type { ActivityDependencies } from './dependencies.js';
import { drainPage } from './feed/drain-page.js';
import type {
  DrainPageInput,
  DrainPageResult,
  ProbeCursorInput,
  ProbeCursorResult,
  SeedCursorInput,
  SeedCursorResult,
} from './feed/drain-page-types.js';
import { withFailures } from './failures.js';
import { fetchAnalysis } from './transcripts/fetch-analysis.js';
import { fetchTranscript } from './transcripts/fetch-transcript.js';
import type { SyncCallInput, SyncCallResult, SyncInvoiceInput, SyncInvoiceResult } from './invoices/invoice-types.js';
import { notingOutages } from './requests/noted-outages.js';
import { probeDay } from './days/probe-day.js';
import type { ProbeDayInput, ProbeDayResult } from './days/probe-day-types.js';
import { probeCursor } from './feed/probe-cursor.js';
import { findCallId, rereadCall } from './repair/reread-call.js';
import { rereadCrediraCall } from './repair/reread-credira-call.js';
import type {
  FindCallIdInput,
  FindCallIdResult,
  RereadCallInput,
  RereadCallResult,
  RereadCrediraCallInput,
  RereadCrediraCallResult,
} from './repair/reread-types.js';
import { seedCursor } from './feed/seed-cursor.js';
import { syncCall } from './invoices/sync-call.js';
import { syncInvoice } from './invoices/sync-invoice.js';
import type { AskAnalysisInput, LookInput, LookReport, LookResult } from './transcripts/transcript-types.js';
import { verifyPage } from './repair/verify-page.js';
import type { VerifyPageInput, VerifyPageResult } from './repair/verify-types.js';

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
