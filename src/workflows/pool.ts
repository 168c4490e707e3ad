/** Runs a bounded number of items at once, and queues the others. */
export interface Pool<Item> {
  /** Queues the items after those that are as urgent, and lets `size` run at once from now on. */
  add(added: { readonly items: readonly Item[]; readonly size: number }): void;
  /** Lets `size` run at once from now on. Running items are never stopped; with 0 none is started. */
  resize(size: number): void;
  /** True if more items are queued than running. */
  hasEnough(): boolean;
  /** True if no item is running; then none is queued either, unless the size is 0. */
  isIdle(): boolean;
}

/**
 * Creates a pool, to which items may be added while others run. Items of a lower `urgency` go first, otherwise those
 * added first. `use` must not throw.
 */
export function createPool<Item extends object>({
  use,
  urgency,
}: {
  use: (item: Item) => Promise<void>;
  urgency: (item: Item) => number;
}): Pool<Item> {
  const queue: Item[] = [];
  let places = 0;
  let running = 0;

  function fill(): void {
    while (running < places) {
      const next = queue.shift();
      if (next === undefined) return;
      running += 1;
      void use(next).then(() => {
        running -= 1;
        fill();
      });
    }
  }

  return {
    add({ items, size }) {
      places = size;
      queue.push(...items);
      queue.sort((a, b) => urgency(a) - urgency(b));
      fill();
    },
    resize(size) {
      places = size;
      fill();
    },
    hasEnough: () => queue.length > running,
    isIdle: () => running === 0,
  };
}
