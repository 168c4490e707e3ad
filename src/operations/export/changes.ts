import { createHash } from 'node:crypto';
import { UsageError } from '../../settings/errors.js';
import type { ExportedLine, ExportRequest } from '../../store/calls/export-calls.js';
import type { Store } from '../../store/store.js';
import type { ExportState } from './state-file.js';

/**
 * Time by which a run begins before the start of the one before it. A call may be stored this long after its stamp:
 * clocks are up to 60 s apart, a writer that takes more than 60 s stamps its new calls again, and one that fails gives
 * up within 3 minutes.
 */
const OVERLAP_MS = 5 * 60_000;

/** Number of versions to remember, some 2 MB; those beyond it are given again by the next run. */
const MOST_REMEMBERED = 100_000;

const EVERYTHING = new Date(0);

/** Changes that the reader of an export lacks. */
export interface ChangesRun {
  readonly lines: AsyncGenerator<ExportedLine, void, undefined>;
  /** Returns the state after this run, once the reader has all lines. */
  readonly next: () => ExportState;
}

/**
 * Begins a run that gives what changed since the state: everything, erased calls too, if it is null. Nothing is left
 * out; a version of a call is given twice only if more changed than the state remembers.
 * @throws UsageError if the calls are another collection's than those of the state
 */
export async function beginChanges({
  store,
  request,
  state,
  now,
}: {
  store: Pick<Store, 'calls'>;
  request: Omit<ExportRequest, 'changedSince'>;
  state: ExportState | null;
  now: Date;
}): Promise<ChangesRun> {
  // Read before the calls: whatever is stamped before this is stored, or will be stamped again.
  const { collection, serverTime } = await store.calls.standing();
  const before = state?.collection ?? null;
  if (before !== null && before !== collection) {
    throw new UsageError(
      'the state belongs to calls of another database of this name, or from before it was restored, and stays as it ' +
        'is: use the MONGODB_URI of its runs; or name another file with --state, and the next run gives all calls',
    );
  }
  const nextSince = new Date(Math.min(serverTime.getTime(), now.getTime()) - OVERLAP_MS);
  // The earlier of both, if a clock was set back since the last run.
  const sinceMs = Math.min(state?.since.getTime() ?? 0, nextSince.getTime());
  const since = before === null ? EVERYTHING : new Date(sinceMs);
  const known = new Set(state?.given);
  const given: string[] = [];
  async function* lines(): AsyncGenerator<ExportedLine, void, undefined> {
    for await (const line of store.calls.export({ ...request, changedSince: since })) {
      const version = versionOf(line);
      if (line.updatedAt >= nextSince && given.length < MOST_REMEMBERED) given.push(version);
      if (!known.has(version)) yield line;
    }
  }
  return { lines: lines(), next: () => ({ collection, since: nextSince, given }) };
}

/** Names a version of a call: another change of it gives another name. */
function versionOf(line: ExportedLine): string {
  const state = 'erased' in line ? ['erased'] : [line.revision, line.transcript.status, line.transcript.attempts];
  const version = [line._id, line.updatedAt.getTime(), ...state].join(' ');
  return createHash('sha256').update(version).digest('base64url').slice(0, 16);
}
