import { randomUUID } from 'node:crypto';
import { MockActivityEnvironment } from '@temporalio/testing';
import { DefaultLogger, type LogEntry } from '@temporalio/worker';
import { describe, expect, it } from 'vitest';
import { checkZone } from '../../../src/activities/feed/check-zone.js';
import { minimalRows, startInvoca } from '../../support/fake-invoca.js';
import { feedAccount } from '../../support/feed-account.js';
import { useTestDatabase } from '../../support/test-database.js';

const mongodb = useTestDatabase();
/** Zone of the minimal rows, which begin at 18:00 UTC in June. */
const row = { ...minimalRows(1)[0], start_time_local: '2025-06-02 11:00:00 -07:00' };

/** Returns the warnings in the log after two pages, and the note for the status. */
async function checked(timeZone: string | null) {
  const invoca = await startInvoca({ rows: [row] });
  const feed = feedAccount(invoca, { name: `a-${randomUUID().slice(0, 8)}`, timeZone });
  const page = await feed.client.fetchPage({ cursor: null, limit: 10, days: null });
  const entries: LogEntry[] = [];
  const logger = new DefaultLogger('WARN', (entry) => entries.push(entry));
  const environment = new MockActivityEnvironment({}, { logger });
  for (let reads = 0; reads < 2; reads += 1) await environment.run(() => checkZone(mongodb, feed, page));
  const { limits } = mongodb.store;
  return {
    warnings: entries.map(({ message }) => message),
    note: timeZone === null ? null : await limits.zoneMismatch({ account: feed.name, timeZone }),
    noteOfOtherZone: await limits.zoneMismatch({ account: feed.name, timeZone: 'Asia/Kathmandu' }),
  };
}

describe('checkZone', () => {
  it('warns once about rows of another zone, and notes them for the status until the setting changes', async () => {
    const { warnings, note, noteOfOtherZone } = await checked('Europe/Berlin');

    expect(warnings).toHaveLength(1);
    expect(warnings[0]).toContain('INVOCA_TIME_ZONE');
    expect(note).toMatchObject({ statedOffset: '-07:00', expectedOffset: '+02:00', timeZone: 'Europe/Berlin' });
    expect(noteOfOtherZone).toBeNull();
  });

  it.each([['America/Los_Angeles'], [null]])('does not warn if the zone is %s', async (timeZone) => {
    expect(await checked(timeZone)).toEqual({ warnings: [], note: null, noteOfOtherZone: null });
  });
});
