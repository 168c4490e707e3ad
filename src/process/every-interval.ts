import { setTimeout as sleep } from 'node:timers/promises';

/** Runs `use` again and again with pauses between, until the signal aborts. Rejects if `use` fails before that. */
export async function everyInterval(
  { pauseMs, signal }: { pauseMs: number; signal: AbortSignal },
  use: () => Promise<void>,
): Promise<void> {
  try {
    for (;;) {
      signal.throwIfAborted();
      await use();
      await sleep(pauseMs, undefined, { signal });
    }
  } catch (error) {
    if (!signal.aborted) throw error;
  }
}

/**
 * Runs `use`, and `each` again and again beside it with pauses between, until `use` has ended or the signal aborts.
 * `each` gets a signal that aborts at either, and has ended when this returns.
 */
export async function everyIntervalDuring<T>(
  { pauseMs, signal, each }: { pauseMs: number; signal: AbortSignal; each: (signal: AbortSignal) => Promise<void> },
  use: () => Promise<T>,
): Promise<T> {
  const ended = new AbortController();
  const either = AbortSignal.any([signal, ended.signal]);
  const repeating = everyInterval({ pauseMs, signal: either }, () => each(either));
  try {
    return await use();
  } finally {
    ended.abort();
    await repeating;
  }
}
