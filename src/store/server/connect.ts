import { setTimeout as sleep } from 'node:timers/promises';
import { type Db, MongoClient, type MongoClientOptions, ReadConcern } from 'mongodb';
import { describing, StoreError } from '../errors.js';
import { watchReplicaSets } from './replica-set.js';

/** The server and the database that store the calls. */
export interface DatabaseAddress {
  readonly uri: string;
  readonly database: string;
}

/**
 * Requires a majority of a replica set to acknowledge a write. Without a time limit, a write with no majority would be
 * silent until the connection times out; with it, the server reports within 30 seconds what is missing.
 */
export const WRITE_CONCERN = { w: 'majority', wtimeoutMS: 30_000 } as const;

/** Covers an election, which takes up to 12 seconds: an operation and the driver's one retry both wait for its end. */
const SERVER_SELECTION_TIMEOUT_MS = 25_000;

/** Less than the shortest documented time, four minutes, after which load balancers cut idle connections. */
const MAX_IDLE_TIME_MS = 120_000;

/** Returns a client that is not connected yet. @throws StoreError if the connection string cannot be read */
export function createClient(uri: string, options: MongoClientOptions = {}): MongoClient {
  try {
    return new MongoClient(uri, {
      appName: 'callweave',
      serverSelectionTimeoutMS: SERVER_SELECTION_TIMEOUT_MS,
      connectTimeoutMS: 5_000,
      // A connection that falls silent must not outlast the activity that uses it.
      socketTimeoutMS: 60_000,
      ...(/[?&]maxIdleTimeMS=/iu.test(uri) ? {} : { maxIdleTimeMS: MAX_IDLE_TIME_MS }),
      ignoreUndefined: true,
      ...options,
    });
  } catch {
    // The driver's own message is left out: it may quote the part it could not read, and that part may be a password.
    throw new StoreError(
      'MongoDB: the connection string cannot be read: it must be mongodb://user:password@host:port/?options or ' +
        'mongodb+srv://…, with special characters in user and password percent-encoded; correct MONGODB_URI',
      { retryable: false },
    );
  }
}

/**
 * Returns the database. A majority acknowledges its writes and the primary serves its reads, whatever the connection
 * string says: the merge and the checkpoints depend on both.
 */
export function databaseOf(client: MongoClient, database: string): Db {
  return client.db(database, {
    writeConcern: WRITE_CONCERN,
    readPreference: 'primary',
    readConcern: new ReadConcern('local'),
  });
}

/**
 * Connects the client, or closes it if that fails or the signal aborts.
 * @throws StoreError if no server that accepts writes answers in time, or the one that does refuses the connection;
 * OtherReplicaSetError if the servers belong to another replica set
 */
export async function connectWithin(client: MongoClient, withinMs: number, signal?: AbortSignal): Promise<void> {
  let trouble: string | null = null;
  client.on('serverHeartbeatFailed', ({ failure }) => (trouble = failure.message));
  const otherReplicaSet = watchReplicaSets(client);
  const doing = `connecting to ${addressOf(client)} (from the connection string)`;
  const timer = new AbortController();
  const connected = describing(doing, async () => {
    await client.connect();
  });
  const stop = AbortSignal.any([timer.signal, ...(signal === undefined ? [] : [signal])]);
  const tooLate = sleep(withinMs, undefined, { signal: stop }).then(() => {
    const reason = trouble ?? `no server that accepts writes answered within ${withinMs / 1000} seconds`;
    throw new StoreError(`MongoDB: ${doing} failed: ${reason}`, { retryable: true });
  });
  try {
    await Promise.race([connected, tooLate]);
  } catch (error) {
    await client.close();
    throw otherReplicaSet(doing) ?? error;
  } finally {
    timer.abort();
    await Promise.allSettled([connected, tooLate]);
  }
}

export function addressOf({ options: { hosts, srvHost } }: MongoClient): string {
  return hosts.length > 0 ? hosts.join(', ') : (srvHost ?? 'the server');
}
