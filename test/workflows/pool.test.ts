import { setImmediate as settle } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { createPool } from '../../src/workflows/pool.js';

interface Work {
  readonly name: string;
  readonly urgency: number;
}

function work(names: string, urgency = 1): Work[] {
  return Array.from(names).map((name) => ({ name, urgency }));
}

function startPool() {
  const running = new Map<string, () => void>();
  const started: string[] = [];
  const pool = createPool<Work>({
    urgency: ({ urgency }) => urgency,
    use: async ({ name }) => {
      started.push(name);
      await new Promise<void>((resolve) => running.set(name, resolve));
      running.delete(name);
    },
  });
  const end = async (name: string): Promise<void> => {
    running.get(name)?.();
    await settle();
  };
  return { pool, started, end };
}

describe('createPool', () => {
  it('never runs more items than its size, and starts the next as soon as one ends', async () => {
    const { pool, started, end } = startPool();
    pool.add({ items: work('abcd'), size: 2 });
    expect(started.join('')).toBe('ab');

    await end('b');
    expect(started.join('')).toBe('abc');
  });

  it('accepts more items while it runs, and starts urgent ones before those queued', async () => {
    const { pool, started, end } = startPool();
    pool.add({ items: work('abc'), size: 1 });
    pool.add({ items: work('yz', 0), size: 1 });
    for (const name of 'ayzb') await end(name);

    expect(started.join('')).toBe('ayzbc');
  });

  it('is not blocked by a slow item', async () => {
    const { pool, started, end } = startPool();
    pool.add({ items: work('abcd'), size: 2 });
    for (const name of 'bcd') await end(name);

    expect(started.join('')).toBe('abcd');
    expect(pool.isIdle()).toBe(false);
    await end('a');
    expect(pool.isIdle()).toBe(true);
  });

  it('starts nothing at size 0, and continues when the size grows', async () => {
    const { pool, started, end } = startPool();
    pool.add({ items: work('abcde'), size: 2 });
    pool.resize(0);
    await end('a');
    expect(started.join('')).toBe('ab');

    pool.resize(3);
    expect(started.join('')).toBe('abcd');
  });

  it('lets running items finish when the size shrinks', async () => {
    const { pool, started, end } = startPool();
    pool.add({ items: work('abcd'), size: 2 });
    pool.resize(1);
    await end('a');
    expect(started.join('')).toBe('ab');

    await end('b');
    expect(started.join('')).toBe('abc');
  });

  it('has enough while more items are queued than running', async () => {
    const { pool, end } = startPool();
    expect(pool.hasEnough()).toBe(false);
    pool.add({ items: work('abcde'), size: 2 });
    expect(pool.hasEnough()).toBe(true);

    await end('a');
    expect(pool.hasEnough()).toBe(false);
  });
});
