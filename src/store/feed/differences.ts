import type { Collection, Db } from 'mongodb';
import type { CallDifference } from '../calls/compare-transactions.js';
import { describing, insertNew } from '../errors.js';

/** A difference: `missing` and `stale` as for a page; `gone`, the call is stored, but the source did not show it. */
interface Difference extends Omit<CallDifference, 'kind'> {
  readonly kind: CallDifference['kind'] | 'gone';
}

interface DifferenceDocument extends Difference {
  /** `<run>/<call id>` */
  readonly _id: string;
  readonly account: string;
  /** First run id of the workflow that found it. */
  readonly run: string;
  readonly foundAt: Date;
  readonly repaired: boolean;
}

interface FoundDifference extends Difference {
  readonly repaired: boolean;
}

/** Numbers of calls that a run found to differ. */
export interface DifferenceSummary {
  readonly missing: number;
  readonly stale: number;
  /** Number of those, missing or stale, that were repaired. */
  readonly repaired: number;
  readonly gone: number;
  /** The first missing or stale calls by call id, then the first that are gone. */
  readonly details: readonly FoundDifference[];
}

/** The collection `differences`: what a verification found, each call once. The server deletes it after a month. */
export class DifferenceStore {
  readonly #differences: Collection<DifferenceDocument>;

  constructor(db: Db) {
    this.#differences = db.collection('differences');
  }

  /** Stores the calls that the run found to differ. A call stored before keeps what was found of it first. */
  async record(found: {
    readonly run: string;
    readonly account: string;
    readonly differences: readonly Difference[];
    readonly foundAt: Date;
  }): Promise<void> {
    const { run, account, differences, foundAt } = found;
    if (differences.length === 0) return;
    const documents = differences.map(({ callId, kind, changed }) => ({
      _id: `${run}/${callId}`,
      account,
      run,
      callId,
      kind,
      changed,
      foundAt,
      repaired: false,
    }));
    await describing(`differences: recording ${documents.length} calls of account ${account}`, () =>
      insertNew(this.#differences, documents),
    );
  }

  /** Removes what the run found to be gone. */
  async removeGone(run: string): Promise<void> {
    await describing(`differences: removing what run ${run} found to be gone`, () =>
      this.#differences.deleteMany({ run, kind: 'gone' }),
    );
  }

  /** Marks as repaired those of the calls that the run found to differ. */
  async markRepaired({ run, callIds }: { run: string; callIds: readonly string[] }): Promise<void> {
    const ids = callIds.map((callId) => `${run}/${callId}`);
    await describing(`differences: marking up to ${ids.length} calls as repaired`, () =>
      this.#differences.updateMany({ _id: { $in: ids } }, { $set: { repaired: true } }),
    );
  }

  /** Returns at most `limit` missing or stale calls, and as many that are gone. */
  async summarize({ run, limit }: { run: string; limit: number }): Promise<DifferenceSummary> {
    return describing(`differences: summing up run ${run}`, async () => {
      const [missing, stale, gone, repaired] = await Promise.all([
        this.#differences.countDocuments({ run, kind: 'missing' }),
        this.#differences.countDocuments({ run, kind: 'stale' }),
        this.#differences.countDocuments({ run, kind: 'gone' }),
        this.#differences.countDocuments({ run, repaired: true }),
      ]);
      const first = (kinds: object): Promise<FoundDifference[]> =>
        this.#differences
          .find({ run, ...kinds }, { sort: { callId: 1 }, limit })
          .project<FoundDifference>({ _id: 0, callId: 1, kind: 1, changed: 1, repaired: 1 })
          .toArray();
      const details = [...(await first({ kind: { $ne: 'gone' } })), ...(await first({ kind: 'gone' }))];
      return { missing, stale, gone, repaired, details };
    });
  }
}
