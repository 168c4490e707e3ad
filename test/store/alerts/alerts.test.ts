import { beforeEach, describe, expect, it } from 'vitest';
import type { AlertChange, PostInProgress } from '../../../src/domain/alerts/alert-record.js';
import { useTestDatabase } from '../../support/test-database.js';

const mongodb = useTestDatabase();
const KEY = { account: null, code: 'unknown-schedules' } as const;
const AT = new Date('2025-06-09T12:00:00Z');
const LATER = new Date('2025-06-09T13:00:00Z');

const LONG_AGO = new Date(0);

function post(id: string): PostInProgress {
  const about = { state: 'raised', message: 'remove them', since: AT, at: AT, count: null } as const;
  return { id, ...about, attempts: 0, nextAt: AT, trouble: null, refusedSince: null };
}

function change(of: Pick<AlertChange, 'post'> & Partial<AlertChange>): AlertChange {
  return { ...KEY, state: 'raised', message: 'remove them', since: AT, ...of };
}

beforeEach(async () => {
  await mongodb.db.collection('alerts').deleteMany({});
});

describe('the record of an alert', () => {
  it('has one post at a time: of two runs, the first one begins it', async () => {
    const { alerts } = mongodb.store;
    await alerts.note(change({ post: post('first') }));
    await alerts.note(change({ post: post('second') }));
    await alerts.note(change({ post: null, state: 'resolved' }));

    expect(await alerts.read(KEY)).toMatchObject({ ...KEY, state: 'resolved', told: null, post: { id: 'first' } });
  });

  it('notes what became of its post, but not of another one', async () => {
    const { alerts } = mongodb.store;
    await alerts.note(change({ post: post('first') }));
    const failed = { attempts: 1, nextAt: LATER, trouble: '404', refusedSince: AT };

    await alerts.failed(KEY, { id: 'other', ...failed });
    await alerts.told(KEY, post('other'), LATER);
    expect(await alerts.notTaken({ since: LONG_AGO })).toEqual([]);
    expect(await alerts.read(KEY)).toMatchObject({ toldAt: null, post: { attempts: 0 } });

    await alerts.failed(KEY, { id: 'first', ...failed });
    expect(await alerts.notTaken({ since: LONG_AGO })).toEqual([{ ...post('first'), ...failed }]);
    const away = { attempts: 3, nextAt: LATER, trouble: '503', refusedSince: null };
    await alerts.failed(KEY, { id: 'first', ...away });
    expect(await alerts.notTaken({ since: LONG_AGO })).toEqual([]);
    expect(await alerts.notTaken({ since: AT })).toEqual([{ ...post('first'), ...away }]);
    await alerts.told(KEY, post('first'), LATER);
    expect(await alerts.notTaken({ since: LONG_AGO })).toEqual([]);
    expect(await alerts.read(KEY)).toEqual({
      ...{ ...KEY, state: 'raised', message: 'remove them', since: AT, mutedUntil: null, post: null },
      ...{ told: { state: 'raised', count: null }, toldAt: LATER },
    });
  });

  it('keeps its mute and its post apart, and is made by a mute only if there is one', async () => {
    const { alerts } = mongodb.store;
    const { code } = KEY;
    await alerts.mute({ code, accounts: [null], until: null });
    expect(await alerts.list()).toEqual([]);

    await alerts.mute({ code, accounts: [null], until: LATER });
    await alerts.note(change({ post: post('first') }));
    expect(await alerts.list()).toMatchObject([{ ...KEY, mutedUntil: LATER, post: { id: 'first' } }]);
    await alerts.mute({ code, accounts: [null], until: null });
    expect(await alerts.list()).toMatchObject([{ mutedUntil: null, state: 'raised', post: { id: 'first' } }]);
  });
});
