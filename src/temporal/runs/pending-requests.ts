import { setMaxListeners } from 'node:events';
import type { WorkflowClient } from '@temporalio/client';

/**
 * Requests that can be given up together. Closing a connection leaves those in flight as they are, and each keeps the
 * process alive until the server answers: half a minute for a query that no worker takes.
 */
export class PendingRequests {
  readonly #controllers = new Set<AbortController>();

  /** Runs `ask`. Its requests fail when `giveUp` is called. */
  async of<T>(client: Pick<WorkflowClient, 'withAbortSignal'>, ask: () => Promise<T>): Promise<T> {
    // One signal for each: the SDK adds a listener with every request, and never takes it away.
    const controller = new AbortController();
    setMaxListeners(0, controller.signal);
    this.#controllers.add(controller);
    const answer = await client.withAbortSignal(controller.signal, ask);
    // Not in a `finally`: if `ask` fails, other requests of it may still be in flight.
    this.#controllers.delete(controller);
    return answer;
  }

  giveUp(): void {
    for (const controller of this.#controllers) controller.abort();
  }
}
