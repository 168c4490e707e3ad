import { isCancellation, log, proxyActivities, workflowInfo } from '@temporalio/workflow';
import type { StoreActivities } from '../../activities/store-activities.js';
import { addNews, NO_NEWS, type NudgeNews, type NudgeNote } from '../../domain/nudges/nudge-counts.js';
import type { WaitingIds } from '../../domain/nudges/waiting-ids.js';
import { storeActivityOptions } from '../policies.js';

/** Shortest time between two notes while ids wait. */
const NOTE_SPACING_MS = 5_000;
/** Longest time until counts are noted while calls are being read, or the source must wait. */
const NOTE_WITHIN_MS = 15_000;

/** Notes of counts, handed from one run to the next. */
export interface NudgeNotesState {
  /** Number of notes. */
  readonly notes: number;
  /** Counts up to the last note. */
  readonly noted: NudgeNews;
  /** The last note, if it is not known to be written. */
  readonly unanswered: NudgeNote | null;
}

export const NO_NOTES: NudgeNotesState = { notes: 0, noted: NO_NEWS, unanswered: null };

/** Adds the counts of webhooks to those of the account in MongoDB, a batch of results at a time. */
export class NudgeNotes {
  readonly #account: string;
  readonly #ids: WaitingIds;
  readonly #onEnd: () => void;
  #state: NudgeNotesState;
  #isWriting = false;
  #lastAt = -Infinity;
  /** Instant at which the oldest count that is not noted was seen; null if all are noted. */
  #newsSince: number | null = null;

  constructor(input: { account: string; ids: WaitingIds; state: NudgeNotesState; onEnd: () => void }) {
    this.#account = input.account;
    this.#ids = input.ids;
    this.#state = input.state;
    this.#onEnd = input.onEnd;
  }

  get state(): NudgeNotesState {
    return this.#state;
  }

  get isWriting(): boolean {
    return this.#isWriting;
  }

  /** True if every count is written. */
  isDone(): boolean {
    return this.#state.unanswered === null && !hasCounts(this.#news());
  }

  /** Starts a note if it is time for one; `isQuiet` is true if no read is under way or due. */
  write({ now, isQuiet }: { now: number; isQuiet: boolean }): void {
    if (this.#isWriting) return;
    const { unanswered } = this.#state;
    if (unanswered !== null) {
      void this.#send(unanswered);
      return;
    }
    const news = this.#news();
    if (!hasCounts(news)) return;
    this.#newsSince ??= now;
    if (now < this.#dueAt({ news, isQuiet, since: this.#newsSince })) return;
    this.#newsSince = null;
    this.#lastAt = now;
    const { lastAt } = this.#ids;
    const note: NudgeNote = {
      account: this.#account,
      writer: workflowInfo().firstExecutionRunId,
      number: this.#state.notes + 1,
      news,
      lastAt: lastAt === null ? null : new Date(lastAt).toISOString(),
    };
    this.#state = { notes: note.number, noted: this.#ids.counts, unanswered: note };
    void this.#send(note);
  }

  /** Returns when the next note is due, in milliseconds; null if there is nothing to note, or one is being written. */
  nextWriteAt({ isQuiet }: { isQuiet: boolean }): number | null {
    if (this.#isWriting || this.#newsSince === null) return null;
    return this.#dueAt({ news: this.#news(), isQuiet, since: this.#newsSince });
  }

  #dueAt({ news, isQuiet, since }: { news: NudgeNews; isQuiet: boolean; since: number }): number {
    if (this.#ids.isEmpty()) return since;
    const hasResults = hasCounts({ ...news, received: 0 });
    return isQuiet && hasResults ? Math.max(since, this.#lastAt + NOTE_SPACING_MS) : since + NOTE_WITHIN_MS;
  }

  async #send(note: NudgeNote): Promise<void> {
    const { noteNudges } = proxyActivities<StoreActivities>(storeActivityOptions);
    this.#isWriting = true;
    try {
      await noteNudges(note);
    } catch (error) {
      if (isCancellation(error)) return;
      log.warn('counts of webhooks could not be stored', { account: this.#account });
    }
    this.#isWriting = false;
    this.#state = { ...this.#state, unanswered: null };
    this.#onEnd();
  }

  #news(): NudgeNews {
    return addNews(this.#ids.counts, this.#state.noted, -1);
  }
}

function hasCounts(news: NudgeNews): boolean {
  return Object.values(news).some((amount) => amount !== 0);
}
