import { describe, expect, it } from 'vitest';
import { NO_NEWS, type NudgeNote } from '../../../src/domain/nudges/nudge-counts.js';
import { useTestDatabase } from '../../support/test-database.js';

const mongodb = useTestDatabase();

const note: NudgeNote = {
  account: 'acme',
  writer: 'run-1',
  number: 1,
  news: { ...NO_NEWS, received: 3, read: 1, notShown: 2, missed: 2 },
  lastAt: '2025-06-09T12:00:00.000Z',
};

describe('counts of webhooks', () => {
  it('are zero before the first, and those of one account', async () => {
    const { nudges } = mongodb.store;
    const none = { received: 0, read: 0, dropped: 0, notShown: 0, failed: 0, lastAt: null };
    expect(await nudges.read('acme')).toEqual(none);
    expect(await nudges.add(note)).toBe(true);
    expect(await nudges.read('other')).toEqual(none);
    expect(await nudges.read('acme')).toEqual({
      ...none,
      received: 3,
      read: 1,
      notShown: 2,
      lastAt: new Date(note.lastAt ?? 0),
    });
  });

  it('are added once for each note, however often it is sent, also of a run that has ended', async () => {
    const { nudges } = mongodb.store;
    const account = 'twice';
    const later = { ...note, account, number: 2, news: { ...NO_NEWS, read: 1, notShown: -1 }, lastAt: null };
    const other = { ...note, account, writer: 'run-2', lastAt: '2025-06-09T11:00:00.000Z' };

    const added = [];
    for (const sent of [{ ...note, account }, { ...note, account }, later, { ...note, account }, later, other, other])
      added.push(await nudges.add(sent));

    expect(added).toEqual([true, false, true, false, false, true, false]);
    expect(await nudges.read(account)).toMatchObject({
      received: 6,
      read: 3,
      notShown: 3,
      lastAt: new Date(note.lastAt ?? 0),
    });
  });
});
