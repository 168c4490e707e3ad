import { setTimeout as sleep } from 'node:timers/promises';
import type { Document, FindCursor } from 'mongodb';
import { describing, isBrokenOff } from './errors.js';

/** Attempts that brought nothing, one after the other, before the error is passed on. */
const MAX_ATTEMPTS_IN_VAIN = 3;
const PAUSE_MS = 1_000;

interface Reading<Doc extends Document & { _id: string }> {
  /** As for `describing`. */
  readonly doing: string;
  /**
   * Opens a cursor over what is left, in the order of one field: from the place of the last document read on, that
   * place included, or from the beginning where none was read.
   */
  readonly open: (last: Doc | null) => FindCursor<Doc>;
  /** A document's place in that order. */
  readonly placeOf: (document: Doc) => number | string | null;
}

/**
 * Documents one after the other, each once, however slowly they are taken: a server closes a cursor that nobody has
 * read for ten minutes, or when it stops being the primary, and then reading goes on behind the last document. In
 * memory are a batch and the ids of the documents read at the last place.
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
