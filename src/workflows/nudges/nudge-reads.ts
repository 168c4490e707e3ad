import { isCancellation, log } from '@temporalio/workflow';
import type { WaitingId, WaitingIds } from '../../domain/nudges/waiting-ids.js';
import { PRIORITY } from '../policies.js';
import type { Wait } from '../progress.js';
import { beforeReading, placeAfter, askAboutCall, type RereadPlace } from '../repair/read-call.js';
import { rootCause } from '../root-cause.js';

/** Number of calls that are read at once. The queue limits the rate of requests. */
const READS_AT_ONCE = 20;

/** The last waits for the source, handed from one run to the next. */
export interface NudgeWaits {
  /** No read starts before it ends; null if the source may be asked. */
  readonly wait: Wait | null;
  /** Number of waits since the last answer. */
  readonly precedingWaits: number;
}

export const NO_WAITS: NudgeWaits = { wait: null, precedingWaits: 0 };

/**
 * Reads of the calls that webhooks name, a bounded number at once. An id whose read must wait for the source goes back
 * to the others, so that a hold needs one timer, and one read tries if the hold is over.
 */
export class NudgeReads {
  readonly #account: string;
  readonly #ids: WaitingIds;
  readonly #onEnd: () => void;
  /** Places up to which calls are read whose next request had to wait, by id. */
  readonly #places = new Map<string, RereadPlace>();
  #waits: NudgeWaits;

  constructor(input: { account: string; ids: WaitingIds; waits: NudgeWaits; onEnd: () => void }) {
    this.#account = input.account;
    this.#ids = input.ids;
    this.#waits = input.waits;
    this.#onEnd = input.onEnd;
  }

  get waits(): NudgeWaits {
    return this.#waits;
  }

  /** Starts the reads that are due, as far as there are places and the source may be asked. */
  start(now: number): void {
    const { wait, precedingWaits } = this.#waits;
    if (wait !== null && Date.parse(wait.until) > now) return;
    this.#waits = { wait: null, precedingWaits };
    while (this.#ids.reading < this.#most()) {
      const entry = this.#ids.takeDue(now);
      if (entry === null) return;
      void this.#read(entry);
    }
  }

  /** Returns when reads can be started next: an instant in milliseconds; null if only the end of a read can tell. */
  nextStartAt(): number | null {
    const dueAt = this.#ids.nextDueAt();
    const { wait } = this.#waits;
    if (dueAt === null) return null;
    if (wait !== null) return Math.max(dueAt, Date.parse(wait.until));
    return this.#ids.reading < this.#most() ? dueAt : null;
  }

  /** Returns how many calls may be read at once: one until the source answers again. */
  #most(): number {
    return this.#waits.precedingWaits === 0 ? READS_AT_ONCE : 1;
  }

  async #read(entry: WaitingId): Promise<void> {
    try {
      await (entry.kind === 'call' ? this.#readCall(entry) : this.#findCall(entry));
    } catch (error) {
      // The workflow was cancelled, and ends with its main function.
      if (isCancellation(error)) return;
      const cause = rootCause(error);
      const reason = cause instanceof Error ? cause.message : String(cause);
      log.warn('the call of a webhook could not be read', { account: this.#account, [entry.kind]: entry.id, reason });
      this.#ids.failed(entry);
      this.#noteAnswer();
    }
    this.#onEnd();
  }

  async #findCall(transaction: WaitingId): Promise<void> {
    const place = await this.#readToEnd(transaction, beforeReading(null), (at) => at.callId !== null);
    if (place === null) return;
    if (place.callId === null) this.#ids.notShown(transaction);
    else this.#ids.found({ transaction, callId: place.callId, now: Date.now() });
  }

  async #readCall(call: WaitingId): Promise<void> {
    const place = await this.#readToEnd(call, this.#places.get(call.id) ?? beforeReading(call.id));
    if (place === null) return;
    if (place.rows === 0) this.#ids.notShown(call);
    else this.#ids.shown(call);
  }

  /** Returns the place after the last answer, or the first for which `isEnough`; null if the source must wait. */
  async #readToEnd(
    entry: WaitingId,
    start: RereadPlace,
    isEnough: (place: RereadPlace) => boolean = () => false,
  ): Promise<RereadPlace | null> {
    const call = { account: this.#account, source: 'invoca', id: entry.id, idOf: 'call' } as const;
    this.#places.delete(entry.id);
    for (let place = start; ;) {
      const { precedingWaits } = this.#waits;
      const answer = await askAboutCall({ ...call, place, precedingWaits, priorityKey: PRIORITY.nudge });
      if (answer.outcome === 'shrink') {
        place = { ...place, pageLimit: answer.pageLimit };
        continue;
      }
      if (answer.outcome === 'wait') {
        this.#wait(answer);
        // If the id was mentioned meanwhile, its call is read from the beginning.
        if (!this.#ids.putBack(entry) && entry.kind === 'call') this.#places.set(entry.id, place);
        return null;
      }
      this.#noteAnswer();
      const after = placeAfter(call, place, answer);
      if (after.isEnd || isEnough(after.place)) return after.place;
      place = after.place;
    }
  }

  #noteAnswer(): void {
    if (this.#waits.wait === null) this.#waits = NO_WAITS;
  }

  /** Notes that the source must wait. Answers to requests that were made together count as one wait. */
  #wait({ until, reason }: Wait): void {
    const { wait, precedingWaits } = this.#waits;
    const isLonger = wait === null || Date.parse(until) > Date.parse(wait.until);
    this.#waits = {
      wait: isLonger ? { until, reason } : wait,
      precedingWaits: wait === null ? precedingWaits + 1 : precedingWaits,
    };
  }
}
