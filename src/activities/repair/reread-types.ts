import type { AskInput } from '../requests/ask-source.js';
import type { WaitResult } from '../requests/account-hold.js';
import type { Paging, ShrinkResult } from '../requests/page-limit.js';

export interface RereadCallInput extends AskInput, Pick<Paging, 'pageLimit'> {
  readonly callId: string;
  /** The last transaction id of this call that was read; null begins with its oldest. */
  readonly cursor: string | null;
}

/**
 * What became of one page of a call's rows. They are merged, and there may be more behind `cursor` unless it is null
 * (`page`); a smaller page is to be asked for (`shrink`); the source is to be left alone (`wait`).
 */
export type RereadCallResult =
  | { readonly outcome: 'page'; readonly rows: number; readonly rejects: number; readonly cursor: string | null }
  | ShrinkResult
  | WaitResult;

export interface FindCallIdInput extends AskInput {
  readonly transactionId: string;
}

/** `callId` is null where the source has no such transaction, or it belongs to no call. */
export type FindCallIdResult = { readonly outcome: 'answered'; readonly callId: string | null } | WaitResult;

export interface RereadCrediraCallInput extends AskInput {
  readonly callId: string;
}

/** `isKnown` is false where the source has no such call; `rejects` is 1 where what it says cannot be kept. */
export type RereadCrediraCallResult =
  { readonly outcome: 'answered'; readonly isKnown: boolean; readonly rejects: number } | WaitResult;
