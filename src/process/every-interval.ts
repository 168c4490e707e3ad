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
