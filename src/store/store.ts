import { type Db, MongoClient } from 'mongodb';
import { CallStore } from './calls.js';
import { CheckpointStore } from './checkpoints.js';
import { CoverageStore } from './coverage.js';
import { CrediraCallStore } from './credira-calls.js';
import { DifferenceStore } from './differences.js';
import { ErasureStore } from './erasures.js';
import { describing, StoreError } from './errors.js';
import { ensureIndexes } from './indexes.js';
import { InvoiceStore } from './invoices.js';
import { LimitStore } from './limits.js';
import { OutageStore } from './outages.js';
import { PageLedger } from './pages.js';
import { RejectStore } from './rejects.js';
import { TranscriptStore } from './transcripts.js';

/** Everything callweave keeps in MongoDB. One store, and so one pool of connections, serves a whole process. */
export interface Store {
  readonly calls: CallStore;
  /** The same collection, for what is Credira's alone. */
  readonly crediraCalls: CrediraCallStore;
  readonly transcripts: TranscriptStore;
  readonly checkpoints: CheckpointStore;
  readonly coverage: CoverageStore;
  readonly pages: PageLedger;
  readonly invoices: InvoiceStore;
  readonly rejects: RejectStore;
  readonly limits: LimitStore;
  readonly outages: OutageStore;
  readonly differences: DifferenceStore;
  readonly erasures: ErasureStore;
  /** All indexes exist afterwards; any number of processes may ask at once. */
  ensureIndexes(): Promise<void>;
  /** The server answers, within some 5 seconds or with an error. */
  ping(): Promise<void>;
  close(): Promise<void>;
}

/**
 * Connects, and throws a `StoreError` where no server is found within 5 seconds. Writes are acknowledged by a majority
 * and reads come from the primary, whatever the connection string says: the merge and the checkpoints rest on it.
 */
export async function openStore({ uri, database }: { uri: string; database: string }): Promise<Store> {
  const client = createClient(uri);
  try {
    await describing(`connecting to ${addressOf(client)}, as the connection string says,`, () => client.connect());
  } catch (error) {
    await client.close();
    throw error;
  }
  return storeOf(client, client.db(database, { writeConcern: { w: 'majority' }, readPreference: 'primary' }));
}

function addressOf({ options: { hosts, srvHost } }: MongoClient): string {
  return hosts.length > 0 ? hosts.join(', ') : (srvHost ?? 'the server');
}

function createClient(uri: string): MongoClient {
  try {
    return new MongoClient(uri, {
      appName: 'callweave',
      serverSelectionTimeoutMS: 5_000,
      connectTimeoutMS: 5_000,
      // A connection that falls silent must not outlast the activity that uses it.
      socketTimeoutMS: 60_000,
      ignoreUndefined: true,
    });
  } catch {
    // The driver's own message is left out: it may quote the part it could not read, and that part may be a password.
    throw new StoreError(
      'MongoDB: the connection string cannot be read: it has the form mongodb://user:password@host:port/?options or ' +
        'mongodb+srv://…, with special characters in user and password percent-encoded',
      { retryable: false },
    );
  }
}

function storeOf(client: MongoClient, db: Db): Store {
  const limits = new LimitStore(db);
  const checkpoints = new CheckpointStore(db);
  return {
    calls: new CallStore(db),
    crediraCalls: new CrediraCallStore(db),
    transcripts: new TranscriptStore(db, limits),
    checkpoints,
    coverage: new CoverageStore(db, checkpoints),
    pages: new PageLedger(db),
    invoices: new InvoiceStore(db),
    rejects: new RejectStore(db),
    limits,
    outages: new OutageStore(db),
    differences: new DifferenceStore(db),
    erasures: new ErasureStore(db),
    ensureIndexes: () => ensureIndexes(db),
    ping: async () => {
      await describing('pinging the server', () => db.command({ ping: 1 }));
    },
    close: () => client.close(),
  };
}
