import { OtherReplicaSetError } from '../store/server/replica-set.js';
import { openStore, type Store } from '../store/store.js';

interface StoreAddress {
  readonly uri: string;
  readonly database: string;
  readonly connectWithinMs?: number;
}

/**
 * Opens the store while `use` runs.
 * @throws an error that names MONGODB_URI if no server that can be used answers in time
 */
export async function withStore<T>(address: StoreAddress, use: (store: Store) => Promise<T>): Promise<T> {
  const store = await openStore(address).catch((cause: unknown) => {
    const orStart = cause instanceof OtherReplicaSetError ? '' : ', or start a server with `callweave dev`';
    throw new Error(`cannot use MongoDB: check MONGODB_URI${orStart}`, { cause });
  });
  try {
    return await use(store);
  } finally {
    await store.close();
  }
}

/** Opens the store for a command that writes, as `withStore` does. @throws an error if the server miscounts changes */
export async function withStoreToWrite<T>(address: StoreAddress, use: (store: Store) => Promise<T>): Promise<T> {
  return withStore(address, async (store) => {
    await store.requireExactCounts();
    return use(store);
  });
}
