import type { Logger } from '@temporalio/common';

/** Writes a warning about an account. */
export type Warn = (message: string, about: { readonly account: string; readonly error?: unknown }) => void;

const INTERVAL_MS = 60_000;

/**
 * Returns a function that writes each warning at most once a minute for each account, so that a flood of requests is no
 * flood of lines. A line says how many warnings it stands for.
 */
export function rareWarnings(logger: Logger): Warn {
  const written = new Map<string, { atMs: number; unwritten: number }>();
  return (message, about) => {
    const key = `${about.account} ${message}`;
    const last = written.get(key);
    const nowMs = performance.now();
    if (last !== undefined && nowMs - last.atMs < INTERVAL_MS) {
      last.unwritten += 1;
      return;
    }
    written.set(key, { atMs: nowMs, unwritten: 0 });
    logger.warn(message, { ...about, times: (last?.unwritten ?? 0) + 1 });
  };
}
