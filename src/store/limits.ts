import type { Db, Document } from 'mongodb';
import { describing, isDuplicateKey } from './errors.js';

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

export interface LimitStore {
  read(account: string): Promise<Hold | null>;
  /** The account is on hold until `until` at least: an earlier instant never shortens a hold. */
  hold(hold: { account: string; until: Date; reason: string }): Promise<Hold>;
}

export function createLimitStore(db: Db): LimitStore {
  const limits = db.collection<LimitDocument>('limits');
  const fields = { projection: { _id: 0 } } as const;
  return {
    async read(account) {
      return describing(`limits: reading those of account ${account}`, () =>
        limits.findOne<Hold>({ _id: account }, fields),
      );
    },

    async hold({ account, until, reason }) {
      const extend = () =>
        limits.findOneAndUpdate({ _id: account }, extending({ account, until, reason }), {
          ...fields,
          upsert: true,
          returnDocument: 'after',
        });
      return describing(`limits: holding account ${account}`, async () => {
        try {
          return required(await extend());
        } catch (error) {
          // Two first holds at once: the one that lost now finds the document.
          if (!isDuplicateKey(error)) throw error;
          return required(await extend());
        }
      });
    },
  };
}

/** A hold is running as long as the server's own clock says so: the workers' clocks need not agree. */
function extending({ account, until, reason }: { account: string; until: Date; reason: string }): Document[] {
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

function required<T>(document: T | null): T {
  if (document === null) throw new Error('An upsert that returns the document after it returned none.');
  return document;
}
