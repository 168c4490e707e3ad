import type { FeedAccount } from '../../src/activities/dependencies.js';
import type { TranscriptPolicy } from '../../src/domain/transcripts/transcript.js';
import type { FakeInvoca } from '../../src/sample/fake-invoca.js';
import { clientOf } from './fake-invoca.js';

const TRANSCRIPTS_OFF: TranscriptPolicy = {
  enabled: false,
  maxAgeMs: null,
  delaysMs: [1_000],
  deadlineMs: 2_000,
};

/** An account whose feed is the fake API. */
export function feedAccount(invoca: FakeInvoca, account: Partial<FeedAccount> & { name: string }): FeedAccount {
  return {
    client: clientOf(invoca),
    pageLimit: 100,
    timeZone: null,
    startAfter: null,
    startDate: null,
    transcripts: TRANSCRIPTS_OFF,
    ...account,
  };
}
