import { CancellationScope, condition, setHandler, sleep } from '@temporalio/workflow';
import { shownTime } from '../../domain/shown-times.js';
import { lookSignal } from './transcripts-progress.js';

/** Time after a claim in vain before the next one: a clock may be a little behind another. */
const AFTER_NOTHING_MS = 5_000;

/** Time of the next look, as the last claim and the signals since its start state it. */
export interface NextLook {
  /** Forgets the signals received so far, because a claim that begins now finds their calls. */
  claimBegins(): void;
  /** Sleeps until the next look is due. Returns false if none is due soon. `claimed`: result of the last claim. */
  sleep(claimed: { readonly nextLook?: string | null; readonly pauseMs?: number }): Promise<boolean>;
  /** Notes that a claim has found looks, so that the next one is not made before `pauseMs` have passed. */
  claimFound(): void;
}

/** Receives the signals of stored calls. `show` gets the ISO instant of the next look, and null when it is due. */
export function createNextLook(show: (nextLook: string | null) => void): NextLook {
  let signalledMs = Number.POSITIVE_INFINITY;
  let wokenAtMs = Number.NEGATIVE_INFINITY;
  let hasFound = false;
  setHandler(lookSignal, (dueAt) => {
    signalledMs = Math.min(signalledMs, Date.parse(dueAt));
  });
  return {
    claimBegins: () => {
      signalledMs = Number.POSITIVE_INFINITY;
    },
    claimFound: () => {
      hasFound = true;
    },
    async sleep({ nextLook = null, pauseMs = 0 }) {
      const nextMs = nextLook === null ? Number.POSITIVE_INFINITY : Date.parse(nextLook);
      const notBeforeMs = wokenAtMs + (hasFound ? pauseMs : Math.min(pauseMs, AFTER_NOTHING_MS));
      const dueMs = (): number => Math.max(Math.min(nextMs, signalledMs), notBeforeMs);
      if (!Number.isFinite(dueMs())) return false;
      await sleepUntil(dueMs, show);
      wokenAtMs = Date.now();
      hasFound = false;
      return true;
    },
  };
}

/** Sleeps until the instant returned by `dueMs`, which signals may bring forward. */
async function sleepUntil(dueMs: () => number, show: (nextLook: string | null) => void): Promise<void> {
  for (let untilMs = dueMs(); untilMs > Date.now(); untilMs = dueMs()) {
    const until = new Date(untilMs);
    show(until.toISOString());
    await CancellationScope.cancellable(async () => {
      const summary = `next look at ${shownTime(until, new Date())}`;
      await Promise.race([sleep(untilMs - Date.now(), { summary }), condition(() => dueMs() < untilMs)]);
      CancellationScope.current().cancel();
    });
  }
  show(null);
}
