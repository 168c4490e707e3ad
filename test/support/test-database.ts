import { randomBytes } from 'node:crypto';
import { type Db, MongoClient } from 'mongodb';
import { afterAll, beforeAll, inject } from 'vitest';
import { openStore, type Store } from '../../src/store/store.js';

export interface TestDatabase {
  readonly uri: string;
  readonly database: string;
  /** The store, with its indexes. */
  readonly store: Store;
  /** The same database through the driver, to inspect documents and to act as another writer. */
  readonly db: Db;
}

/** Returns a name that no other database has. The server drops it with all others of the run, if not before. */
export function newDatabaseName(): string {
  return `${inject('databasePrefix')}${randomBytes(4).toString('hex')}`;
}

/** Opens a separate database for the test file; it is dropped after the last test. Call it at the top of the file. */
export function useTestDatabase(): TestDatabase {
  const uri = inject('mongodbUri');
  const database = newDatabaseName();
  const client = new MongoClient(uri);
  let store: Store | undefined;

  beforeAll(async () => {
    store = await openStore({ uri, database });
    await store.ensureIndexes();
  });

  afterAll(async () => {
    await client.db(database).dropDatabase();
    await client.close();
    await store?.close();
  });

  return {
    uri,
    database,
    db: client.db(database),
    get store() {
      if (store === undefined) throw new Error('The store is opened in beforeAll: use it inside a test.');
      return store;
    },
  };
}
