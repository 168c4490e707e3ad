/** Work under way, a bounded amount at once, and the work that waits for a place. */
export interface Pool<Item> {
  /** These wait for a place too, behind those that are as urgent; from now on `size` run at once. */
  add(added: { readonly items: readonly Item[]; readonly size: number }): void;
  /** From now on `size` run at once; where more do, they go on to their end. With 0 none is started. */
  resize(size: number): void;
  /** More wait for a place than have one. */
  hasEnough(): boolean;
  /** Nothing has a place. Nothing waits for one either, unless there is none. */
  isIdle(): boolean;
}

/**
 * A pool that takes more work while it runs, so that no place is idle while there is some. Items of a lower `urgency`
 * go first, else those added first. `use` must not throw.
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
