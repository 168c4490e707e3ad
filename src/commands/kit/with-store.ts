import type { Settings } from '../../settings/settings.js';
import { openStore } from '../../store/store.js';
import type { Store } from '../../store/store.js';

/** Opens the store for the time of `use`. Where no server answers in time, the error says what to do about it. */
export async function withStore<T>(
  mongodb: Settings['mongodb'] & { readonly connectWithinMs?: number },
  use: (store: Store) => Promise<T>,
): Promise<T> {
  const store = await openStore(mongodb).catch((cause: unknown) => {
    throw new Error('cannot use MongoDB: check MONGODB_URI, or start a server with `npm start`', { cause });
  });
  try {
    return await use(store);
  } finally {
    await store.close();
  }
}

/** As `withStore`, for what writes: not before the server is known to count as the store relies on. */
export async function withStoreToWrite<T>(mongodb: Settings['mongodb'], use: (store: Store) => Promise<T>): Promise<T> {
  return withStore(mongodb, async (store) => {
    await store.requireExactCounts();
    return use(store);
  });
}
