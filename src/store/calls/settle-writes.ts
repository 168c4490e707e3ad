import { setTimeout as sleep } from 'node:timers/promises';
import type { Collection } from 'mongodb';
import type { CallDocument } from './call-document.js';
import { type CallWrite, writeCalls } from './call-writes.js';
import { StoreError } from '../errors.js';

/** In each round every call is changed by one of its writers, so only a crowd of writers needs many rounds. */
const MAX_ROUNDS = 30;
const MAX_PAUSE_MS = 100;

/** What a batch of calls comes to, as they were when they were read. */
export interface WritePlan<Batch> {
  /** Each gives way to a writer that came between. */
  readonly writes: readonly CallWrite[];
  /** Of the documents that were read. */
  readonly ids: readonly string[];
  /** The part of the batch that the writes are of. */
  readonly again: Batch;
}

/** Documents created, and changed that were there before. */
export interface Written {
  readonly created: number;
  readonly changed: number;
}

/**
 * Reads and plans, writes, and plans again what gave way to another writer, until nothing is left to write: of two
 * writers at once neither loses. `plan` reads the documents as they are each time it is asked; calls that turned out to
 * outgrow their document are named to it then, and are not to be written again.
 */
export async function settleWrites<Batch>({
  calls,
  batch,
  plan,
  onRound,
}: {
  calls: Collection<CallDocument>;
  batch: Batch;
  /** `outgrown` has the document ids of calls that did not take in what was planned for them. */
  plan: (batch: Batch, outgrown: ReadonlySet<string>) => Promise<WritePlan<Batch>>;
  onRound?: (() => void) | undefined;
}): Promise<Written> {
  let created = 0;
  let changed = 0;
  const outgrown = new Set<string>();
  let rest = batch;
  for (let round = 1; round <= MAX_ROUNDS; round += 1) {
    const { writes, again, ids } = await plan(rest, outgrown);
    const doing = `writing ${writes.length} of ${ids.length} calls from ${ids[0]} on`;
    const written = await writeCalls({ calls, writes, doing });
    onRound?.();
    created += written.created;
    changed += written.changed;
    for (const id of written.outgrown) outgrown.add(id);
    if (written.created + written.changed === writes.length) return { created, changed };
    // The server tells how many writes gave way to another writer, not which: all of them are read and merged again.
    rest = again;
    await sleep(Math.random() * Math.min(MAX_PAUSE_MS, 5 * 2 ** round));
  }
  throw new StoreError(
    `MongoDB: calls: merging calls gave way to other writers of the same calls ${MAX_ROUNDS} times in a row; nothing is ` +
      'lost, merge the same calls again',
    { retryable: true },
  );
}
