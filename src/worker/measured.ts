import { SourceError } from '../sources/errors.js';
import type { ApiActivities } from '../activities/api-activities.js';
import type { StoreActivities } from '../activities/store-activities.js';
import type { NudgeNote } from '../domain/nudges/nudge-counts.js';
import type { FeedAccount, InvoiceAccount, TranscriptAccount } from '../activities/dependencies.js';
import type { DrainPageResult } from '../activities/feed/drain-page.js';
import type { SyncCallResult } from '../activities/invoices/sync-call.js';
import type { SyncInvoiceResult } from '../activities/invoices/sync-invoice.js';
import type { Metrics } from './metrics.js';

interface CountedRequest {
  readonly metrics: Metrics;
  readonly account: string;
  /** The kind of request in one word, such as `page`. */
  readonly kind: string;
}

/** Makes the request and counts it by its outcome, unless `wasMade` shows that no request was needed. */
async function countRequest<T>(
  { metrics, account, kind }: CountedRequest,
  request: () => Promise<T>,
  wasMade: (answer: T) => boolean = () => true,
): Promise<T> {
  try {
    const answer = await request();
    if (wasMade(answer)) metrics.requests.add(1, { account, kind, outcome: 'answered' });
    return answer;
  } catch (error) {
    const outcome = error instanceof SourceError ? error.kind : 'aborted';
    metrics.requests.add(1, { account, kind, outcome });
    throw error;
  }
}

/** Wraps the account's client so that its requests are counted. */
export function countedFeed(feed: FeedAccount, metrics: Metrics): FeedAccount {
  const { client, name: account } = feed;
  const fetchPage: typeof client.fetchPage = (request) =>
    countRequest({ metrics, account, kind: 'page' }, () => client.fetchPage(request));
  const hasTransaction: typeof client.hasTransaction = (request) =>
    countRequest({ metrics, account, kind: 'probe' }, () => client.hasTransaction(request));
  return { ...feed, client: { fetchPage, hasTransaction } };
}

/** Wraps the account's client so that its requests are counted. */
export function countedInvoices(invoices: InvoiceAccount, metrics: Metrics): InvoiceAccount {
  const { client, name: account } = invoices;
  return {
    ...invoices,
    client: {
      listCalls: (request) => countRequest({ metrics, account, kind: 'invoice' }, () => client.listCalls(request)),
      getCall: (request) => countRequest({ metrics, account, kind: 'call' }, () => client.getCall(request)),
    },
  };
}

/** Wraps the account's transcript source so that its requests are counted. */
export function countedTranscripts(transcripts: TranscriptAccount, metrics: Metrics): TranscriptAccount {
  const { source, name: account } = transcripts;
  const { fetchAnalysis } = source;
  return {
    ...transcripts,
    source: {
      fetchTranscript: (request) =>
        countRequest(
          { metrics, account, kind: 'transcript' },
          () => source.fetchTranscript(request),
          (answer) => !('unasked' in answer),
        ),
      fetchAnalysis:
        fetchAnalysis &&
        ((request) => countRequest({ metrics, account, kind: 'analysis' }, () => fetchAnalysis(request))),
    },
  };
}

/** Wraps the activities so that their results are counted. An attempt that fails counts nothing; its retry does. */
export function measuredActivities(activities: ApiActivities, metrics: Metrics): ApiActivities {
  return {
    ...activities,
    drainPage: counted((input) => activities.drainPage(input), metrics),
    syncInvoice: counted((input) => activities.syncInvoice(input), metrics),
    syncCall: counted((input) => activities.syncCall(input), metrics),
    async fetchTranscript(input) {
      const result = await activities.fetchTranscript(input);
      const isDecided = result.ask === null || result.outcome === 'available';
      if (isDecided) metrics.transcripts.add(1, { account: input.account, outcome: result.outcome });
      return result;
    },
    async fetchAnalysis(input) {
      const outcome = await activities.fetchAnalysis(input);
      if (input.after === 'not-ready') metrics.transcripts.add(1, { account: input.account, outcome });
      return outcome;
    },
  };
}

/** Wraps the activities so that counts of webhooks, once stored, and posts of alerts are added to the metrics. */
export function measuredStoreActivities(activities: StoreActivities, metrics: Metrics): StoreActivities {
  return {
    ...activities,
    async noteNudges(note) {
      const isNew = await activities.noteNudges(note);
      if (isNew) countNudges(metrics, note);
      return isNew;
    },
    async postAlert(key) {
      const result = await activities.postAlert(key);
      if (result.outcome === 'told') metrics.alerts.add(1, { state: result.state });
      return result;
    },
  };
}

function countNudges({ nudges }: Metrics, { account, news }: NudgeNote): void {
  const { received, read, dropped, missed, failed } = news;
  for (const [outcome, ids] of Object.entries({ received, read, dropped, not_shown: missed, failed })) {
    if (ids > 0) nudges.add(ids, { account, outcome });
  }
}

type Written = DrainPageResult | SyncInvoiceResult | SyncCallResult;

/** Wraps an activity so that the rows, calls and rejects it wrote are counted. */
function counted<
  Input extends { readonly account: string },
  Result extends DrainPageResult | SyncInvoiceResult | SyncCallResult,
>(activity: (input: Input) => Promise<Result>, metrics: Metrics): (input: Input) => Promise<Result> {
  return async (input) => {
    const result = await activity(input);
    countWritten(metrics, input.account, result);
    return result;
  };
}

function countWritten(metrics: Metrics, account: string, written: Written): void {
  if (written.outcome === 'page') metrics.rows.add(written.rows, { account });
  if (written.outcome !== 'page' && written.outcome !== 'synced') return;
  metrics.callsChanged.add(written.calls, { account });
  metrics.rejects.add(written.rejects, { account });
}
