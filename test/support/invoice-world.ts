import { randomUUID } from 'node:crypto';
import type { TranscriptPolicy } from '../../src/domain/transcripts/transcript.js';
import type { CrediraSampleInvoice } from '../../src/sample/credira/credira-invoice.js';
import type { FakeCredira } from '../../src/sample/credira/fake-credira.js';
import { startTranscripts, type TranscriptsHandle } from '../../src/temporal/runs/account-workflows.js';
import { startInvoices, type InvoicesHandle } from '../../src/temporal/runs/invoice-workflows.js';
import { noDispatcher } from './dispatchers.js';
import { startWorker } from './drain-world.js';
import { crediraClientOf, crediraTranscriptsOf, startCredira } from './fake-credira.js';
import { fixedRates } from './request-rates.js';
import type { TestDatabase } from './test-database.js';
import type { TestNamespace } from './temporal-namespace.js';

export interface InvoiceWorld {
  readonly account: string;
  readonly credira: FakeCredira;
  /** Stores these invoices as tracked and due now. */
  track(invoiceIds: readonly string[]): Promise<void>;
  startInvoices(): Promise<InvoicesHandle>;
  startTranscripts(): Promise<TranscriptsHandle>;
}

const POLL_INTERVAL_MS = 60_000;
const POLICY: TranscriptPolicy = { enabled: true, maxAgeMs: null, delaysMs: [1_000], deadlineMs: 2_000 };

/** Starts a fake API with these invoices, an account that reads it, and a worker; all stop when the test ends. */
export async function startInvoiceWorld({
  servers: { temporal, mongodb },
  invoices,
  account = `a-${randomUUID().slice(0, 8)}`,
}: {
  servers: { temporal: TestNamespace; mongodb: TestDatabase };
  invoices: readonly CrediraSampleInvoice[];
  account?: string;
}): Promise<InvoiceWorld> {
  const { store } = mongodb;
  const credira = await startCredira({ invoices });
  const ofAccount = { name: account, client: crediraClientOf(credira), pollIntervalMs: POLL_INTERVAL_MS };
  const transcripts = {
    name: account,
    policy: POLICY,
    source: crediraTranscriptsOf(credira),
    children: 10,
    dispatcher: noDispatcher,
  };
  const deps = {
    store,
    rates: fixedRates,
    feeds: new Map(),
    invoices: new Map([[account, { ...ofAccount, transcripts: POLICY }]]),
    transcripts: new Map([[account, transcripts]]),
    now: () => new Date(),
  };
  startWorker({ temporal, deps });
  return {
    account,
    credira,
    track: async (invoiceIds) => {
      await store.invoices.track({ account, invoiceIds, now: () => new Date() });
    },
    startInvoices: async () => (await startInvoices(temporal.client, { account, dueBy: new Date() })).handle,
    startTranscripts: async () => (await startTranscripts(temporal.client, account)).handle,
  };
}
