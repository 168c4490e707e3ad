import type { Store } from '../../src/store/store.js';

/** Error by which `dyingStore` simulates the end of the process. */
export class Crash extends Error {}

type Part = 'checkpoints' | 'limits' | 'calls' | 'rejects' | 'pages' | 'differences' | 'expectedCalls';

/** A part of the store and one of its operations, such as `checkpoints.read`. */
export type StoreStep = `${Part}.${string}`;

/** Wraps the real store so that it throws `Crash` right before or right after one of its operations. */
export function dyingStore(store: Store, step: StoreStep, moment: 'before' | 'after'): Store {
  const [part, name] = step.split('.') as [Part, string];
  const dying = new Proxy(store[part], {
    get(operations, key) {
      const operation: unknown = Reflect.get(operations, key);
      if (typeof operation !== 'function') return operation;
      return async (...args: unknown[]): Promise<unknown> => {
        if (key === name && moment === 'before') throw new Crash();
        const result: unknown = await Reflect.apply(operation, operations, args);
        if (key === name) throw new Crash();
        return result;
      };
    },
  });
  return { ...store, [part]: dying };
}
