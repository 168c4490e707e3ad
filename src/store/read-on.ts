import { setTimeout as sleep } from 'node:timers/promises';
import type { Document, FindCursor } from 'mongodb';
import { describing, isBrokenOff } from './errors.js';

/** Attempts in a row that may read nothing; after the last the error is thrown. */
const MAX_ATTEMPTS_IN_VAIN = 3;
const PAUSE_MS = 1_000;

interface Reading<Doc extends Document & { _id: string }> {
  /** Names the operation, as for `describing`. */
  readonly doing: string;
  /**
   * Opens a cursor over the documents left, in the order of one field: from the place of `last`, that place included,
   * or from the beginning if it is null.
   */
  readonly open: (last: Doc | null) => FindCursor<Doc>;
  /** Returns a document's place in that order. */
  readonly placeOf: (document: Doc) => number | string | null;
}

/**
 * Yields the documents one after the other, each once, however slowly they are taken. A server closes a cursor that is
 * not read for ten minutes, or when it stops being the primary; reading then continues after the last document. Memory
 * holds one batch and the ids of the documents at the last place.
 * @throws StoreError if several attempts in a row read nothing
 */
export async function* readOn<Doc extends Document & { _id: string }>(
  reading: Reading<Doc>,
): AsyncGenerator<Doc, void, undefined> {
  const { doing, open, placeOf } = reading;
  let last: Doc | null = null;
  let idsAtPlace = new Set<string>();
  for (let inVain = 1; ; inVain += 1) {
    const cursor = open(last);
    try {
      for (;;) {
        const document = await describing(doing, () => cursor.next());
        if (document === null) return;
        if (idsAtPlace.has(document._id)) continue;
        if (last === null || placeOf(document) !== placeOf(last)) idsAtPlace = new Set();
        idsAtPlace.add(document._id);
        last = document;
        inVain = 0;
        yield document;
      }
    } catch (error) {
      if (!isBrokenOff(error) || inVain === MAX_ATTEMPTS_IN_VAIN) throw error;
    } finally {
      await cursor.close();
    }
    await sleep(inVain * PAUSE_MS);
  }
}
