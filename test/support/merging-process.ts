import type { CallTransaction } from '../../src/domain/invoca/transaction.js';
import { openStore } from '../../src/store/store.js';
import { aMerge } from './call-rows.js';

/** Order to a process that test/store/calls/two-processes.test.ts has started. */
export type MergingOrder =
  | {
      readonly kind: 'prepare';
      readonly uri: string;
      readonly database: string;
      readonly account: string;
      readonly pages: readonly (readonly CallTransaction[])[];
    }
  | { readonly kind: 'start' };

/** Answer of the process: `ready` to the first order; the number of writes after all pages are merged. */
export type MergingReport = { readonly kind: 'ready' } | { readonly kind: 'done'; readonly writes: number };

async function prepare(order: Extract<MergingOrder, { kind: 'prepare' }>): Promise<() => Promise<void>> {
  const { uri, database, account, pages } = order;
  const store = await openStore({ uri, database });
  return async function mergeAllPages() {
    let writes = 0;
    for (const page of pages) {
      const { created, changed } = await store.calls.mergeTransactions(aMerge(account, page));
      writes += created + changed;
    }
    await store.close();
    report({ kind: 'done', writes });
  };
}

function report(message: MergingReport): void {
  process.send?.(message);
}

let mergeAllPages: (() => Promise<void>) | undefined;
process.on('message', (order: MergingOrder) => {
  void obey(order);
});

async function obey(order: MergingOrder): Promise<void> {
  if (order.kind === 'prepare') {
    mergeAllPages = await prepare(order);
    report({ kind: 'ready' });
    return;
  }
  await mergeAllPages?.();
  process.disconnect();
}
