import { condition, setCurrentDetails, setHandler, sleep } from '@temporalio/workflow';
import type { NudgeCounts } from '../../domain/nudges/nudge-counts.js';
import { NUDGE_TIMING, type NudgeTiming } from '../../domain/nudges/nudge-timing.js';
import { WaitingIds, type WaitingIdsState } from '../../domain/nudges/waiting-ids.js';
import { handOver, shouldHandOver } from '../hand-over.js';
import { NO_NOTES, NudgeNotes, type NudgeNotesState } from './nudge-notes.js';
import { NO_WAITS, NudgeReads, type NudgeWaits } from './nudge-reads.js';
import { nudgeSignal } from './nudge-signal.js';
import {
  nudgesDetails,
  nudgesProgressQuery,
  nudgesResultDetails,
  type NudgesProgress,
  type NudgesResult,
} from './nudges-progress.js';

/** Keeps a run well below the 10,000 signals after which Temporal refuses more. */
const MAX_SIGNALS_PER_RUN = 2_000;

/** Time for requests under way when a run hands over. What has not ended by then is done again by the next run. */
const HAND_OVER_WITHIN = '1 minute';

/** Ids that become due within this time share a timer. */
const TIMER_SPACING_MS = 1_000;

export interface NudgesInput {
  readonly account: string;
  readonly maxSignalsPerRun?: number;
  /** Times that differ from {@link NUDGE_TIMING}. */
  readonly timing?: Partial<NudgeTiming>;
  /** Handed from one run to the next when the workflow continues as new. */
  readonly carried?: {
    readonly ids: WaitingIdsState;
    readonly waits: NudgeWaits;
    readonly notes: NudgeNotesState;
  };
}

/**
 * Reads each call that webhooks name again, and merges it; drains of the account may run at the same time. Completes
 * when no id waits. Ids are all that it believes of a webhook. What the source does not show after some looks, what
 * cannot be read, and more than 500 ids are left to the drain.
 */
export async function nudges(input: NudgesInput): Promise<NudgesResult> {
  const { account, carried, maxSignalsPerRun = MAX_SIGNALS_PER_RUN } = input;
  let hasNews = false;
  const wake = (): void => {
    hasNews = true;
  };
  const ids = new WaitingIds({ timing: { ...NUDGE_TIMING, ...input.timing }, ...(carried && { state: carried.ids }) });
  const shared = { account, ids, onEnd: wake };
  const reads = new NudgeReads({ ...shared, waits: carried?.waits ?? NO_WAITS });
  const notes = new NudgeNotes({ ...shared, state: carried?.notes ?? NO_NOTES });
  const alarms = new Alarms(wake);
  const progress = (): NudgesProgress => progressOf({ account, ids, reads });
  let signals = 0;
  setHandler(nudgesProgressQuery, progress);
  setHandler(nudgeSignal, (named) => {
    signals += 1;
    ids.mention(named, Date.now());
    wake();
  });

  while (signals < maxSignalsPerRun && !shouldHandOver()) {
    const now = Date.now();
    hasNews = false;
    reads.start(now);
    const isQuiet = ids.reading === 0 && (ids.nextDueAt() ?? Infinity) > now;
    notes.write({ now, isQuiet });
    if (ids.isEmpty() && notes.isDone()) return finish({ account, ...countsOf(ids) });
    setCurrentDetails(nudgesDetails(progress()));
    alarms.set({
      at: reads.nextStartAt(),
      now,
      summary: reads.waits.wait?.reason ?? 'until a call of a webhook is due',
    });
    alarms.set({ at: notes.nextWriteAt({ isQuiet }), now, summary: 'until counts are noted' });
    await condition(() => hasNews);
  }

  const isIdle = (): boolean => ids.reading === 0 && !notes.isWriting;
  if (!isIdle()) await condition(isIdle, HAND_OVER_WITHIN);
  return handOver<typeof nudges>({
    ...input,
    carried: { ids: ids.state(), waits: reads.waits, notes: notes.state },
  });
}

function finish(result: NudgesResult): NudgesResult {
  setCurrentDetails(nudgesResultDetails(result));
  return result;
}

function progressOf({ account, ids, reads }: { account: string; ids: WaitingIds; reads: NudgeReads }): NudgesProgress {
  const dueAt = ids.nextDueAt();
  return {
    account,
    ...countsOf(ids),
    idsWaiting: ids.waiting,
    idsBeingRead: ids.reading,
    nextDueAt: dueAt === null ? null : new Date(dueAt).toISOString(),
    waiting: reads.waits.wait,
  };
}

function countsOf({ counts: { missed: _, ...counts } }: WaitingIds): NudgeCounts {
  return counts;
}

/** Timers that wake the workflow. One that fires earlier than needed is used again, so that few are started. */
class Alarms {
  readonly #onFired: () => void;
  readonly #pending = new Set<number>();
  #firedAt = -Infinity;

  constructor(onFired: () => void) {
    this.#onFired = onFired;
  }

  /** Wakes the workflow at the instant, or earlier; null for never. */
  set({ at, now, summary }: { at: number | null; now: number; summary: string }): void {
    if (at === null) return;
    const fireAt = Math.max(at, this.#firedAt + TIMER_SPACING_MS, now + 1);
    if ([...this.#pending].some((pending) => pending <= fireAt)) return;
    this.#pending.add(fireAt);
    void sleep(fireAt - now, { summary }).then(
      () => {
        this.#pending.delete(fireAt);
        this.#firedAt = Date.now();
        this.#onFired();
      },
      // The workflow was cancelled, and ends with its main function.
      () => undefined,
    );
  }
}
