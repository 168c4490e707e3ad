import type { ActivityDependencies } from './dependencies.js';
import { probeDay } from './days/probe-day.js';
import { bindActivities, type BoundActivities } from './failures.js';
import { drainPage } from './feed/drain-page.js';
import { probeCursor } from './feed/probe-cursor.js';
import { seedCursor } from './feed/seed-cursor.js';
import { syncCall } from './invoices/sync-call.js';
import { syncInvoice } from './invoices/sync-invoice.js';
import { findCallId, rereadCall, rereadCrediraCall } from './repair/reread-call.js';
import { probeRow, verifyPage } from './repair/verify-page.js';
import { notingOutages } from './requests/noted-outages.js';
import { fetchAnalysis } from './transcripts/fetch-analysis.js';
import { fetchTranscript } from './transcripts/fetch-transcript.js';

const API_ACTIVITIES = {
  drainPage,
  verifyPage,
  probeRow,
  probeDay,
  probeCursor,
  seedCursor,
  syncInvoice,
  syncCall,
  rereadCall,
  findCallId,
  rereadCrediraCall,
  fetchTranscript,
  fetchAnalysis,
};

export type ApiActivities = BoundActivities<typeof API_ACTIVITIES>;

/** Creates the activities of the accounts' API queues. Each makes one request at most. */
export function createApiActivities(deps: ActivityDependencies): ApiActivities {
  return bindActivities(notingOutages(deps), API_ACTIVITIES);
}
