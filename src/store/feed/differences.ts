import type { Collection, Db } from 'mongodb';
import type { CallDifference } from '../calls/compare-transactions.js';
import { describing, insertNew } from '../errors.js';

interface DifferenceDocument extends CallDifference {
  /** `<run>/<call id>` */
  readonly _id: string;
  readonly account: string;
  /** First run id of the workflow that found it. */
  readonly run: string;
  readonly foundAt: Date;
  readonly repaired: boolean;
}

interface FoundDifference extends CallDifference {
  readonly repaired: boolean;
}

/** Numbers of calls that a run found to differ. */
export interface DifferenceSummary {
  readonly missing: number;
  readonly stale: number;
  /** Number of those, missing or stale, that were repaired. */
  readonly repaired: number;
  /** The first of them by call id. */
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
    readonly differences: readonly CallDifference[];
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

  /** Marks as repaired those of the calls that the run found to differ. */
  async markRepaired({ run, callIds }: { run: string; callIds: readonly string[] }): Promise<void> {
    const ids = callIds.map((callId) => `${run}/${callId}`);
    await describing(`differences: marking up to ${ids.length} calls as repaired`, () =>
      this.#differences.updateMany({ _id: { $in: ids } }, { $set: { repaired: true } }),
    );
  }

  async summarize({ run, limit }: { run: string; limit: number }): Promise<DifferenceSummary> {
    return describing(`differences: summing up run ${run}`, async () => {
      const [missing, stale, repaired] = await Promise.all([
        this.#differences.countDocuments({ run, kind: 'missing' }),
        this.#differences.countDocuments({ run, kind: 'stale' }),
        this.#differences.countDocuments({ run, repaired: true }),
      ]);
      const first = await this.#differences
        .find({ run }, { sort: { callId: 1 }, limit })
        .project<FoundDifference>({ _id: 0, callId: 1, kind: 1, changed: 1, repaired: 1 })
        .toArray();
      return { missing, stale, repaired, details: first };
    });
  }
}
