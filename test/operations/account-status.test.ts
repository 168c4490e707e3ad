import { describe, expect, it } from 'vitest';
import { accountStatus } from '../../src/operations/account-status.js';
import type { StoredFacts } from '../../src/operations/stored-facts.js';
import { sampleAccount } from '../../src/settings/sample-account.js';
import { NOT_COUNTED } from '../../src/store/counts/count-run.js';
import { NO_LIMITS } from '../../src/store/limits/limits.js';
import { minutesAgo, NOW, wellStatus } from '../support/account-status.js';

/** Returns what the status of an account waits for, with so many looks due and the time of the next one. */
function waitsWith({ dueNow, nextLookAt }: { dueNow: number; nextLookAt: Date | null }) {
  const { looks, stored } = { looks: { ...NOT_COUNTED, dueNow }, stored: wellStatus() };
  const facts: StoredFacts = {
    ...{ ...stored, looks, nextLookAt, readability: NOT_COUNTED.readability },
    ...{ checkpoint: null, limit: null, transcriptsState: NO_LIMITS.transcripts },
  };
  return accountStatus({
    account: sampleAccount({ baseUrl: 'http://127.0.0.1:1', token: 'none', networkId: '1' }),
    stored: facts,
    runs: { open: [], past: { last: null, failed: null }, backfills: [], workers: [] },
    schedules: [],
    waits: [],
    now: NOW,
  }).waits;
}

describe('the status of an account', () => {
  it('names the next look', () => {
    const nextLookAt = minutesAgo(-20);

    expect(waitsWith({ dueNow: 0, nextLookAt })).toMatchObject([{ what: 'next look', until: nextLookAt }]);
  });

  it('names no next look while looks are due', () => {
    expect(waitsWith({ dueNow: 1_747, nextLookAt: minutesAgo(-20) })).toEqual([]);
  });

  it('names no next look that has become due since the calls were counted', () => {
    expect(waitsWith({ dueNow: 0, nextLookAt: minutesAgo(1) })).toEqual([]);
    expect(waitsWith({ dueNow: 0, nextLookAt: null })).toEqual([]);
  });
});
