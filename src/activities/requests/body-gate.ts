import { getHeapStatistics } from 'node:v8';
import type { BodyRoom } from '../../sources/http/body-room.js';

/** The most bytes of bodies in a process: as many as the largest single body may have. */
const MOST_BYTES = 128 * 1024 * 1024;
/** Memory for a page in relation to its body: the text, the rows, and the documents made of them. */
const HEAP_PER_BYTE = 8;
/** Bytes of a body that need no room, so that a small answer never waits for a large one. */
const FREE_BYTES = 256 * 1024;
/** Part of the expected length that a shorter body leaves: the last page of some days is short or empty. */
const LENGTH_KEPT = 0.95;

/** A body for which room will be needed. */
interface ExpectedBody {
  /** Name of the bodies to which it belongs: they have similar lengths. */
  readonly kind: string;
  /** True if it gets room before those that are not urgent. */
  readonly isUrgent: boolean;
  /** Aborting it ends a wait. */
  readonly signal: AbortSignal;
}

interface Body extends ExpectedBody {
  /** Room that it has, in bytes. */
  bytes: number;
}

interface Waiting {
  readonly body: Body;
  /** Returns the room that it needs in all. */
  readonly wanted: () => number;
  readonly admit: () => void;
}

/**
 * Bounds the bytes of bodies in this process, from their arrival until they are used. The oldest body gets the room it
 * needs, so a body of any size passes and two bodies never wait for each other. The others stay within the budget.
 */
export class BodyGate {
  readonly #budgetBytes: number;
  /** Bodies that have room, the oldest first. */
  readonly #bodies = new Set<Body>();
  /** Bodies in the order of their turns: those that have room and need more, urgent ones, the others. */
  #waiting: Waiting[] = [];
  /** Lengths to expect, by kind. */
  readonly #lengths = new Map<string, number>();
  #bytes = 0;

  constructor({ budgetBytes }: { budgetBytes: number }) {
    this.#budgetBytes = budgetBytes;
  }

  /** Number of bytes for which bodies have room. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Number of bodies that wait for room. */
  get waiting(): number {
    return this.#waiting.length;
  }

  /** Calls `use` with the room for a body. Takes the room back when `use` ends. */
  async pass<T>(expected: ExpectedBody, use: (room: BodyRoom) => Promise<T>): Promise<T> {
    const body: Body = { ...expected, bytes: 0 };
    try {
      return await use({
        reserve: (bytes) => this.#enter(body, { bytes, wanted: () => bytes }),
        hold: (bytes) => {
          const first = (): number => Math.max(bytes, this.#lengths.get(body.kind) ?? this.#budgetBytes);
          return this.#enter(body, { bytes, wanted: body.bytes > 0 ? () => bytes : first });
        },
        settle: (bytes) => this.#settle(body, bytes),
      });
    } finally {
      this.#bodies.delete(body);
      this.#bytes -= body.bytes;
      this.#admitNext();
    }
  }

  /** Waits for the room `wanted`, unless the body has room for these bytes or needs none for them. */
  async #enter(body: Body, { bytes, wanted }: { bytes: number } & Pick<Waiting, 'wanted'>): Promise<void> {
    if (bytes <= body.bytes || bytes <= FREE_BYTES) return;
    const { signal } = body;
    signal.throwIfAborted();
    await new Promise<void>((resolve, reject) => {
      const giveUp = (): void => {
        this.#waiting = this.#waiting.filter((other) => other !== waiting);
        reject(signal.reason as Error);
        this.#admitNext();
      };
      const admit = (): void => {
        signal.removeEventListener('abort', giveUp);
        resolve();
      };
      const waiting = { body, wanted, admit };
      signal.addEventListener('abort', giveUp, { once: true });
      const next = this.#waiting.findIndex((other) => rankOf(other.body) > rankOf(body));
      this.#waiting.splice(next < 0 ? this.#waiting.length : next, 0, waiting);
      this.#admitNext();
    });
  }

  /** Admits the waiting in their order, up to the first that finds no room; and the oldest body in any case. */
  #admitNext(): void {
    const waiting: Waiting[] = [];
    for (const next of this.#waiting) {
      const { body, wanted, admit } = next;
      const more = Math.max(0, wanted() - body.bytes);
      const [oldest = body] = this.#bodies;
      const isNext = waiting.length === 0 && this.#bytes + more <= this.#budgetBytes;
      if (isNext || body === oldest) {
        this.#bodies.add(body);
        body.bytes += more;
        this.#bytes += more;
        admit();
      } else {
        waiting.push(next);
      }
    }
    this.#waiting = waiting;
  }

  #settle(body: Body, bytes: number): void {
    if (bytes <= FREE_BYTES && body.bytes === 0) return;
    const expected = Math.floor((this.#lengths.get(body.kind) ?? 0) * LENGTH_KEPT);
    this.#lengths.set(body.kind, Math.max(bytes, expected));
    if (bytes >= body.bytes) return;
    this.#bytes -= body.bytes - bytes;
    body.bytes = bytes;
    this.#admitNext();
  }
}

function rankOf({ bytes, isUrgent }: Body): number {
  if (bytes > 0) return 0;
  return isUrgent ? 1 : 2;
}

/** The gate of this process, for all accounts. A process with a smaller heap has fewer bytes under way. */
export const processBodies = new BodyGate({
  budgetBytes: Math.min(MOST_BYTES, getHeapStatistics().heap_size_limit / HEAP_PER_BYTE),
});
