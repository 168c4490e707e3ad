import { setTimeout as sleep } from 'node:timers/promises';
import { type Db, MongoClient, type MongoClientOptions, ReadConcern } from 'mongodb';
import { describing, StoreError } from '../errors.js';

/** Where the calls are kept. */
export interface DatabaseAddress {
  readonly uri: string;
  readonly database: string;
}

/**
 * Acknowledged by a majority of a replica set. Without a limit a write whose majority is away would stay silent until
 * the connection is given up; with it the server says within 30 seconds what it waits for.
 */
export const WRITE_CONCERN = { w: 'majority', wtimeoutMS: 30_000 } as const;

/** An election takes up to 12 seconds; an operation waits for its end, and the one retry of the driver too. */
const SERVER_SELECTION_TIMEOUT_MS = 25_000;

/** Load balancers cut connections that were idle for some minutes; the shortest documented time is four. */
const MAX_IDLE_TIME_MS = 120_000;

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
      'MongoDB: the connection string cannot be read: it has the form mongodb://user:password@host:port/?options or ' +
        'mongodb+srv://…, with special characters in user and password percent-encoded',
      { retryable: false },
    );
  }
}

/**
 * Writes are acknowledged by a majority, and reads come from the primary as it is, whatever the connection string
 * says: the merge and the checkpoints rest on it.
 */
export function databaseOf(client: MongoClient, database: string): Db {
  return client.db(database, {
    writeConcern: WRITE_CONCERN,
    readPreference: 'primary',
    readConcern: new ReadConcern('local'),
  });
}

/**
 * The client is connected afterwards, or closed.
 * @throws StoreError where no server was found within the time given
 */
export async function connectWithin(client: MongoClient, withinMs: number): Promise<void> {
  let trouble: string | null = null;
  client.on('serverHeartbeatFailed', ({ failure }) => (trouble = failure.message));
  const doing = `connecting to ${addressOf(client)}, as the connection string says,`;
  const timer = new AbortController();
  const connected = describing(doing, async () => {
    await client.connect();
  });
  const tooLate = sleep(withinMs, undefined, { signal: timer.signal }).then(() => {
    const reason = trouble ?? `no server that takes writes answered within ${withinMs / 1000} seconds`;
    throw new StoreError(`MongoDB: ${doing} failed: ${reason}`, { retryable: true });
  });
  try {
    await Promise.race([connected, tooLate]);
  } catch (error) {
    await client.close();
    throw error;
  } finally {
    timer.abort();
    await Promise.allSettled([connected, tooLate]);
  }
}

export function addressOf({ options: { hosts, srvHost } }: MongoClient): string {
  return hosts.length > 0 ? hosts.join(', ') : (srvHost ?? 'the server');
}
