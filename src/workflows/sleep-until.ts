import { sleep } from '@temporalio/workflow';
import type { Wait } from './wait.js';

/** Waits as told, by a timer that shows its reason in the Web UI. */
export async function sleepUntil(wait: Wait): Promise<void> {
  const remainingMs = Date.parse(wait.until) - Date.now();
  await sleep(Math.max(remainingMs, 1), { summary: wait.reason });
}
