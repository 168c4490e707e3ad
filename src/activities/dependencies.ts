import { ApplicationFailure, ApplicationFailureCategory } from '@temporalio/common';
import type { TranscriptPolicy } from '../domain/transcripts/transcript.js';
import type { CrediraClient } from '../sources/credira/client.js';
import type { InvocaClient } from '../sources/invoca/client.js';
import type { TranscriptSource } from '../sources/transcripts/transcript-source.js';
import type { Store } from '../store/store.js';

/** One account of a transaction feed, as the activities need it. */
export interface FeedAccount {
  readonly name: string;
  readonly client: Pick<InvocaClient, 'fetchPage' | 'hasTransaction'>;
  /** Rows asked for per page while the source copes with them. */
  readonly pageLimit: number;
  /** IANA zone of the token: what a day means. Null where none is set. */
  readonly timeZone: string | null;
  /** Where the first live drain starts; null is the oldest row. */
  readonly startAfter: string | null;
  /** A day to start at instead; null where none is set. */
  readonly startDate: string | null;
  readonly transcripts: TranscriptPolicy;
}

/** One account's transcripts, as the activities need it. */
export interface TranscriptAccount {
  readonly name: string;
  readonly source: TranscriptSource;
  readonly policy: TranscriptPolicy;
  /** Children in flight. */
  readonly children: number;
}

/** One account whose calls are asked for by invoice, as the activities need it. */
export interface InvoiceAccount {
  readonly name: string;
  readonly client: CrediraClient;
  /** How soon an invoice is due again while a call of it is unfinished. */
  readonly pollIntervalMs: number;
  readonly transcripts: TranscriptPolicy;
}

/** How fast the accounts' APIs are asked. */
export interface RequestRates {
  /** Requests per second at most, as the account's settings say. */
  ceilingOf(account: string): number;
  /** The stored rate of the account is this now, null for the ceiling: its queue is limited to it. Never fails. */
  follow(change: { readonly account: string; readonly rate: number | null }): Promise<void>;
}

export interface ActivityDependencies {
  readonly store: Store;
  readonly rates: RequestRates;
  readonly feeds: ReadonlyMap<string, FeedAccount>;
  readonly invoices: ReadonlyMap<string, InvoiceAccount>;
  readonly transcripts: ReadonlyMap<string, TranscriptAccount>;
  readonly now: () => Date;
}

/**
 * What is kept under an account's name.
 * @throws a retryable `UnknownAccount` while this worker has no settings for the account: another worker may have them
 */
export function requireAccount<T>(accounts: ReadonlyMap<string, T>, name: string): T {
  const account = accounts.get(name);
  if (account !== undefined) return account;
  throw ApplicationFailure.create({
    type: 'UnknownAccount',
    message:
      `This worker has no settings for the account ${name}. Give it the account's settings and restart it, or remove ` +
      'the schedule with `callweave schedule remove`.',
    nextRetryDelay: '5 seconds',
    // Where workers with different accounts share the work it is no failure but a matter of whose turn it is.
    category: ApplicationFailureCategory.BENIGN,
  });
}
