import { cancellationSignal, heartbeat } from '@temporalio/activity';

/** Well below the heartbeat timeout, so that a busy event loop may miss a few. */
const HEARTBEAT_INTERVAL_MS = 3_000;

/**
 * Sends heartbeats while `use` runs, so that a dead worker is noticed soon. `signal` aborts when the activity is
 * cancelled or the worker shuts down. Work that ends before the first interval sends none.
 */
export async function withHeartbeat<T>(use: (context: { signal: AbortSignal }) => Promise<T>): Promise<T> {
  const timer = setInterval(() => heartbeat(), HEARTBEAT_INTERVAL_MS);
  try {
    return await use({ signal: cancellationSignal() });
  } finally {
    clearInterval(timer);
  }
}
