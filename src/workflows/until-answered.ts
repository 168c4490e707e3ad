import { sleep } from '@temporalio/workflow';
import { shouldHandOver } from './hand-over.js';
import type { Wait } from './progress.js';

interface Asking<Result> {
  /** Makes one request; gets the number of waits right before it. Remembers a `shrink` for the next call. */
  readonly call: (precedingWaits: number) => Promise<Result>;
  /** Called with each wait, and with null before each request. */
  readonly show: (waiting: Wait | null) => void;
  /** True if this run has made enough requests. Left out: only {@link shouldHandOver} counts. */
  readonly isOver?: () => boolean;
}

type Answer<Result> = Exclude<Result, { readonly outcome: 'wait' | 'shrink' }>;

/**
 * Repeats the call until it answers. Shows each wait and sleeps until it ends; repeats a `shrink` at once, without
 * resetting the number of waits. Returns null if the run should hand over: the workflow must then continue as new.
 */
export async function untilAnswered<Result extends { readonly outcome: string }>(
  asking: Asking<Result>,
): Promise<Answer<Result> | null> {
  let precedingWaits = 0;
  while (asking.isOver?.() !== true && !shouldHandOver()) {
    asking.show(null);
    const result = await asking.call(precedingWaits);
    if (isAnswer(result)) return result;
    if (!isWait(result)) continue;
    precedingWaits += 1;
    asking.show(result);
    await sleepUntil(result);
  }
  return null;
}

/** Sleeps by a timer that shows the reason in the Web UI. */
export async function sleepUntil({ until, reason }: Wait): Promise<void> {
  const remainingMs = Date.parse(until) - Date.now();
  await sleep(Math.max(remainingMs, 1), { summary: reason });
}

function isAnswer<Result extends { readonly outcome: string }>(result: Result): result is Answer<Result> {
  return result.outcome !== 'wait' && result.outcome !== 'shrink';
}

function isWait<Result extends { readonly outcome: string }>(result: Result): result is Result & Wait {
  return result.outcome === 'wait';
}
