import { ApplicationFailure } from '@temporalio/common';
import type { TranscriptPolicy } from '../domain/transcript.js';
import type { InvocaClient } from '../sources/invoca/client.js';
import type { Store } from '../store/store.js';

/** One account of a transaction feed, as the activities need it. */
export interface FeedAccount {
  readonly name: string;
  readonly client: Pick<InvocaClient, 'fetchPage'>;
  /** Rows asked for per page while the source copes with them. */
  readonly pageLimit: number;
  /** Where the first live drain starts; null is the oldest row. */
  readonly startAfter: string | null;
  readonly transcripts: TranscriptPolicy;
}

export interface ActivityDependencies {
  readonly store: Store;
  readonly feeds: ReadonlyMap<string, FeedAccount>;
  readonly now: () => Date;
}

/**
 * The account's feed.
 * @throws a retryable `UnknownAccount` while this worker has no settings for the account: another worker may have them
 */
export function requireFeed(deps: ActivityDependencies, account: string): FeedAccount {
  const feed = deps.feeds.get(account);
  if (feed !== undefined) return feed;
  throw ApplicationFailure.create({
    type: 'UnknownAccount',
    message:
      `This worker has no settings for the account ${account}. Give it the account's settings and restart it, or remove ` +
      'the schedule with `callweave schedule remove`.',
    nextRetryDelay: '5 seconds',
  });
}
