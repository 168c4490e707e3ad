import { setTimeout as sleep } from 'node:timers/promises';
import type { Collection } from 'mongodb';
import type { CallDocument } from './call-document.js';
import { type CallWrite, stampIfLate, writeCalls } from './call-writes.js';
import { StoreError } from '../errors.js';

/** Rounds before it fails: one writer of a call succeeds in each, so only a crowd of writers needs many. */
const MAX_ROUNDS = 30;
const MAX_PAUSE_MS = 100;

/** Writes for a batch of calls as they were when they were read. */
export interface WritePlan<Batch> {
  /** Writes that give way if another writer came first. */
  readonly writes: readonly CallWrite[];
  /** Document ids that were read. */
  readonly ids: readonly string[];
  /** The part of the batch to which the writes belong. */
  readonly again: Batch;
}

/** Number of documents created, and of existing ones changed. */
export interface Written {
  readonly created: number;
  readonly changed: number;
}

/**
 * Reads and plans, writes, and plans again what gave way to another writer, until nothing is left to write: no writer's
 * change is lost. `plan` reads the documents again each time; it must not plan a call again that outgrew its document.
 * @throws StoreError if a write fails, or gives way in 30 rounds in a row (retryable); and the errors of `plan`
 */
export async function settleWrites<Batch>({
  calls,
  batch,
  plan,
  onRound,
}: {
  calls: Collection<CallDocument>;
  batch: Batch;
  /** Plans writes. `outgrown` has the document ids of calls that would outgrow their document with what was planned. */
  plan: (batch: Batch, outgrown: ReadonlySet<string>) => Promise<WritePlan<Batch>>;
  onRound?: (() => void) | undefined;
}): Promise<Written> {
  let created = 0;
  let changed = 0;
  const outgrown = new Set<string>();
  let rest = batch;
  for (let round = 1; round <= MAX_ROUNDS; round += 1) {
    const startedMs = Date.now();
    const { writes, again, ids } = await plan(rest, outgrown);
    const doing = `writing ${writes.length} of ${ids.length} calls from ${ids[0]} on`;
    const written = await writeCalls({ calls, writes, doing });
    await stampIfLate({ calls, writes, tookMs: Date.now() - startedMs });
    onRound?.();
    created += written.created;
    changed += written.changed;
    for (const id of written.outgrown) outgrown.add(id);
    if (written.created + written.changed === writes.length) return { created, changed };
    // The server reports how many writes gave way to another writer, not which: all are read and merged again.
    rest = again;
    await sleep(Math.random() * Math.min(MAX_PAUSE_MS, 5 * 2 ** round));
  }
  throw new StoreError(
    `MongoDB: calls: merging calls gave way to other writers of the same calls ${MAX_ROUNDS} times in a row; nothing is ` +
      'lost, merge the same calls again',
    { retryable: true },
  );
}
