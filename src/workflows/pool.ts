/** Runs `use` for every item, at most `size` at once. Everything has ended when this returns; `use` must not throw. */
export async function runPool<Item>(
  { items, size }: { items: readonly Item[]; size: number },
  use: (item: Item) => Promise<void>,
): Promise<void> {
  const waiting = items.values();
  async function runLane(): Promise<void> {
    // All lanes take from the one iterator, so that a slow item holds up its lane only.
    for (const item of waiting) await use(item);
  }
  await Promise.all(Array.from({ length: Math.min(size, items.length) }, runLane));
}
