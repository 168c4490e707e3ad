import { randomUUID } from 'node:crypto';
import { type Db, MongoClient } from 'mongodb';
import { afterAll, beforeAll, inject } from 'vitest';
import { openStore, type Store } from '../../src/store/store.js';

export interface TestDatabase {
  readonly uri: string;
  readonly database: string;
  /** With its indexes. */
  readonly store: Store;
  /** The same database without the store between, to look at documents and to play another writer. */
  readonly db: Db;
}

/** A database of the test file's own on the run's server, dropped after its last test. Call at the top of the file. */
export function useTestDatabase(): TestDatabase {
  const uri = inject('mongodbUri');
  const database = `test_${randomUUID().replaceAll('-', '')}`;
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
      if (store === undefined) throw new Error('The store is open from beforeAll on: use it inside a test.');
      return store;
    },
  };
}
