import { checkAlerts } from './alerts/check-alerts.js';
import { postAlert } from './alerts/post-alert.js';
import { sendAlertHeartbeat } from './alerts/send-alert-heartbeat.js';
import { planBackfill, planReconcile } from './days/plan-days.js';
import type { ActivityDependencies } from './dependencies.js';
import { bindActivities, type BoundActivities } from './failures.js';
import { openStream } from './feed/open-stream.js';
import { claimInvoices, releaseInvoices } from './invoices/claim-invoices.js';
import { noteNudges } from './nudges/note-nudges.js';
import { findGoneCalls, listStoredCalls, summarizeVerification } from './repair/gone-calls.js';
import { remergeBatch } from './repair/remerge-batch.js';
import { claimTranscripts } from './transcripts/claim-transcripts.js';
import { wakeDispatcher } from './transcripts/next-look.js';

const STORE_ACTIVITIES = {
  openStream,
  planBackfill,
  planReconcile,
  claimInvoices,
  releaseInvoices,
  claimTranscripts,
  noteNudges,
  checkAlerts,
  postAlert,
  sendAlertHeartbeat,
  wakeDispatcher,
  remergeBatch,
  listStoredCalls,
  findGoneCalls,
  summarizeVerification,
};

export type StoreActivities = BoundActivities<typeof STORE_ACTIVITIES>;

/** Creates the activities of the workflow queue, which talk to MongoDB, and those of alerts to their receiver. */
export function createStoreActivities(deps: ActivityDependencies): StoreActivities {
  return bindActivities(deps, STORE_ACTIVITIES);
}
