import type { MongoClient, MongoClientOptions } from 'mongodb';
import { AlertStore } from './alerts/alerts.js';
import { CallCountStore } from './counts/call-counts.js';
import { CallStore } from './calls/calls.js';
import { CheckpointStore } from './feed/checkpoints.js';
import { connectWithin, createClient, databaseOf, type DatabaseAddress } from './server/connect.js';
import { CoverageStore } from './feed/coverage.js';
import { CrediraCallStore } from './calls/credira-calls.js';
import { DifferenceStore } from './feed/differences.js';
import { ErasureLog } from './calls/erasure-log.js';
import { ErasureStore } from './calls/erasures.js';
import { describing } from './errors.js';
import { ensureIndexes, type EnsureIndexesOptions } from './server/indexes.js';
import { ExpectedCallStore } from './feed/expected-calls.js';
import { InvoiceStore } from './invoices/invoices.js';
import { LimitStore } from './limits/limits.js';
import { OutageStore } from './limits/outages.js';
import { NudgeStore } from './nudges/nudges.js';
import { PageLedger } from './feed/pages.js';
import { RejectStore } from './feed/rejects.js';
import { requireExactCounts } from './server/server-check.js';
import { ServerProbe } from './server/server-probe.js';
import { TranscriptStore } from './transcripts/transcripts.js';

/** Everything callweave keeps in MongoDB. One store, and so one pool of connections, serves a whole process. */
export interface Store {
  readonly calls: CallStore;
  /** The calls of Credira, in the same collection. */
  readonly crediraCalls: CrediraCallStore;
  readonly callCounts: CallCountStore;
  readonly transcripts: TranscriptStore;
  readonly checkpoints: CheckpointStore;
  readonly coverage: CoverageStore;
  readonly pages: PageLedger;
  readonly invoices: InvoiceStore;
  readonly rejects: RejectStore;
  readonly limits: LimitStore;
  readonly outages: OutageStore;
  readonly nudges: NudgeStore;
  readonly alerts: AlertStore;
  readonly differences: DifferenceStore;
  readonly expectedCalls: ExpectedCallStore;
  readonly erasures: ErasureStore;
  readonly server: ServerProbe;
  readonly erasureLog: ErasureLog;
  /**
   * Checks that the server counts updates as MongoDB does: call it before anything is written.
   * @throws StoreError, not retryable, if it does not
   */
  requireExactCounts(): Promise<void>;
  /** Creates the missing indexes; any number of processes may call it at once. A large collection takes a while. */
  ensureIndexes(options?: EnsureIndexesOptions): Promise<void>;
  /** Checks that the server answers; takes at most some 5 seconds. @throws StoreError if it does not */
  ping(): Promise<void>;
  close(): Promise<void>;
}

const PING_TIMEOUT_MS = 5_000;

/** Time to find a server that accepts writes. */
const CONNECT_WITHIN_MS = 5_000;

interface OpenOptions extends DatabaseAddress {
  readonly connectWithinMs?: number;
  /** Longest silence of the server during an operation, or while the store is closed; some minutes if left out. */
  readonly silentForMs?: number;
  /** Ends the attempt to connect when aborted. */
  readonly signal?: AbortSignal;
}

/** Connects. @throws StoreError if no server that accepts writes is found in time */
export async function openStore({
  connectWithinMs = CONNECT_WITHIN_MS,
  silentForMs,
  signal,
  ...address
}: OpenOptions): Promise<Store> {
  const client = createClient(address.uri, silentForMs === undefined ? {} : limitsOf(silentForMs));
  await connectWithin(client, connectWithinMs, signal);
  return storeOf(client, address);
}

function limitsOf(silentForMs: number): MongoClientOptions {
  return { serverSelectionTimeoutMS: silentForMs, connectTimeoutMS: silentForMs, socketTimeoutMS: silentForMs };
}

function storeOf(client: MongoClient, address: DatabaseAddress): Store {
  const db = databaseOf(client, address.database);
  const limits = new LimitStore(db);
  const checkpoints = new CheckpointStore(db);
  return {
    calls: new CallStore(db),
    crediraCalls: new CrediraCallStore(db),
    callCounts: new CallCountStore(db),
    transcripts: new TranscriptStore(db, limits),
    checkpoints,
    coverage: new CoverageStore(db, checkpoints),
    pages: new PageLedger(db),
    invoices: new InvoiceStore(db),
    rejects: new RejectStore(db),
    limits,
    outages: new OutageStore(db),
    nudges: new NudgeStore(db),
    alerts: new AlertStore(db),
    differences: new DifferenceStore(db),
    expectedCalls: new ExpectedCallStore(db),
    erasures: new ErasureStore(db),
    server: new ServerProbe(db),
    erasureLog: new ErasureLog(db),
    requireExactCounts: () => requireExactCounts(db),
    ensureIndexes: (options) => ensureIndexes({ db, address }, options),
    ping: async () => {
      await describing('pinging the server', () => db.command({ ping: 1 }, { timeoutMS: PING_TIMEOUT_MS }));
    },
    close: () => client.close(),
  };
}
