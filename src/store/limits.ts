import type { Collection, Db, Document } from 'mongodb';
import { describing, isDuplicateKey } from './errors.js';

const WITHOUT_ID = { projection: { _id: 0 } } as const;

/** What an account's source has asked for. */
export interface Hold {
  /** No request starts before this instant. It may have passed. */
  readonly holdUntil: Date;
  /** Requests per second, null where the setting holds. */
  readonly rate: number | null;
  /** Counts holds: one that begins while another runs only extends it. */
  readonly epoch: number;
  /** Why, in words for an operator. */
  readonly reason: string;
}

interface LimitDocument extends Hold {
  readonly _id: string;
}

interface NewHold {
  readonly account: string;
  readonly until: Date;
  readonly reason: string;
}

/** The collection `limits`. */
export class LimitStore {
  readonly #limits: Collection<LimitDocument>;

  constructor(db: Db) {
    this.#limits = db.collection('limits');
  }

  async read(account: string): Promise<Hold | null> {
    return describing(`limits: reading those of account ${account}`, () =>
      this.#limits.findOne<Hold>({ _id: account }, WITHOUT_ID),
    );
  }

  /** The account is on hold until `until` at least: an earlier instant never shortens a hold. */
  async hold(hold: NewHold): Promise<Hold> {
    return describing(`limits: holding account ${hold.account}`, async () => {
      try {
        return await this.#extend(hold);
      } catch (error) {
        // Two first holds at once: the one that lost now finds the document.
        if (!isDuplicateKey(error)) throw error;
        return this.#extend(hold);
      }
    });
  }

  async #extend(hold: NewHold): Promise<Hold> {
    const options = { ...WITHOUT_ID, upsert: true, returnDocument: 'after' } as const;
    const held = await this.#limits.findOneAndUpdate({ _id: hold.account }, extending(hold), options);
    if (held === null) throw new Error('An upsert that returns the document after it returned none.');
    return held;
  }
}

/** A hold is running as long as the server's own clock says so: the workers' clocks need not agree. */
function extending({ account, until, reason }: NewHold): Document[] {
  const isRunning = { $gt: ['$holdUntil', '$$NOW'] };
  const isLonger = { $gt: [until, { $ifNull: ['$holdUntil', new Date(0)] }] };
  return [
    {
      $replaceWith: {
        _id: { $literal: account },
        holdUntil: { $max: ['$holdUntil', until] },
        rate: { $ifNull: ['$rate', null] },
        epoch: { $cond: [isRunning, '$epoch', { $add: [{ $ifNull: ['$epoch', 0] }, 1] }] },
        reason: { $cond: [isLonger, { $literal: reason }, '$reason'] },
      },
    },
  ];
}
