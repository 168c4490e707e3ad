import { randomUUID } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { unansweredSince, unlessUnanswered } from '../../src/dev/answer-watch.js';
import { showProgress } from '../../src/dev/progress.js';
import { useTestDatabase } from '../support/test-database.js';

const mongodb = useTestDatabase();

const startedAt = new Date('2025-06-09T12:00:00Z');

function at(seconds: number): Date {
  return new Date(startedAt.getTime() + seconds * 1_000);
}

function outageSince(seconds: number) {
  return { since: at(seconds), at: at(seconds), reason: 'could not resolve host' };
}

describe('the time since which a source has not answered', () => {
  const silent = { startedAt, now: at(200), answeredAt: null, outage: null, hold: null };
  const holdUntil = (seconds: number) => ({
    holdUntil: at(seconds),
    rate: null,
    epoch: 1,
    reason: '429',
    refusal: null,
  });

  it.each([
    ['the start, if nothing has happened yet', silent, startedAt],
    ['the start, if it answered only before', { ...silent, answeredAt: at(-60) }, startedAt],
    ['the start, if an outage began before', { ...silent, outage: outageSince(-600) }, startedAt],
    [
      'the first failure, if it answered before that',
      { ...silent, answeredAt: at(50), outage: outageSince(70) },
      at(70),
    ],
    ['the end of a hold', { ...silent, hold: holdUntil(90) }, at(90)],
    ['never, once it has answered', { ...silent, answeredAt: at(5) }, null],
    ['never, while the account is on hold', { ...silent, outage: outageSince(3), hold: holdUntil(300) }, null],
  ])('is %s', (_what, facts, since) => {
    expect(unansweredSince(facts)).toEqual(since);
  });
});

describe('work that waits for a source', () => {
  const trouble = () => Promise.resolve<string | null>(null);
  const never = new Promise<never>(() => undefined);
  const reason = 'GET https://x.invalid/y: could not resolve host x.invalid (ENOTFOUND). Check the host name';

  it('fails with the reason once the source has been silent for the limit', async () => {
    const account = `a-${randomUUID().slice(0, 8)}`;
    await mongodb.store.outages.note({ account, at: new Date(), reason });

    const work = unlessUnanswered({ store: mongodb.store, account, limitMs: 0, trouble }, never);

    await expect(work).rejects.toThrow(`${account}: the source does not answer: ${reason}`);
  });

  it('fails if a request hangs, so that no outage is stored yet', async () => {
    const work = unlessUnanswered({ store: mongodb.store, account: 'hanging', limitMs: 0, trouble }, never);

    await expect(work).rejects.toThrow(/hanging: .*no request has been answered yet\. Check the base URL/);
  });

  it('fails with the real reason if something other than the source fails', async () => {
    const account = `a-${randomUUID().slice(0, 8)}`;
    const watched = { store: mongodb.store, account, limitMs: 0 };
    const full = () => Promise.resolve('calls: writing 3: the disk is full');
    await expect(unlessUnanswered({ ...watched, trouble: full }, never)).rejects.toThrow(
      `${account}: no data arrives, and each retry fails: calls: writing 3: the disk is full`,
    );

    const away = () => Promise.reject(new Error('Temporal is away'));
    await expect(unlessUnanswered({ ...watched, trouble: away }, never)).rejects.toThrow('the source does not answer');

    await mongodb.store.outages.note({ account, at: new Date(), reason });
    await expect(unlessUnanswered({ ...watched, trouble: full }, never)).rejects.toThrow(
      `the source does not answer: ${reason}`,
    );
  });

  it('completes if the source answers in time', async () => {
    const account = `a-${randomUUID().slice(0, 8)}`;
    await mongodb.store.outages.note({ account, at: new Date(), reason });
    let finish: (value: string) => void = () => undefined;
    const slow = new Promise<string>((resolve) => {
      finish = resolve;
    });

    const work = unlessUnanswered({ store: mongodb.store, account, limitMs: 60_000, trouble }, slow);
    finish('done');

    await expect(work).resolves.toBe('done');
    await expect(
      unlessUnanswered(
        { store: mongodb.store, account, limitMs: 60_000, trouble },
        Promise.reject(new Error('refused')),
      ),
    ).rejects.toThrow('refused');
  });
});

describe('the progress of callweave dev', () => {
  async function progressLine(account: string): Promise<string> {
    const ended = new AbortController();
    const { promise, resolve } = withResolvers();
    const shown = showProgress({ store: mongodb.store, accounts: [account], show: resolve, signal: ended.signal });
    const line = await promise;
    ended.abort();
    await shown;
    return line;
  }

  function withResolvers(): { promise: Promise<string>; resolve: (line: string) => void } {
    let resolve: (line: string) => void = () => undefined;
    const promise = new Promise<string>((resolved) => {
      resolve = resolved;
    });
    return { promise, resolve };
  }

  it('shows why no data arrives, until it does', async () => {
    const account = `a-${randomUUID().slice(0, 8)}`;
    const counts = `${account}: 0 pages, 0 rows, 0 calls`;
    await mongodb.store.outages.note({ account, at: new Date(), reason: 'could not resolve host x' });
    await mongodb.store.outages.note({ account, at: new Date(), reason: 'refused the connection' });
    expect(await progressLine(account)).toBe(`${counts}; no answer from the source: refused the connection`);

    await mongodb.store.outages.end(account);
    expect(await progressLine(account)).toBe(counts);

    const until = new Date(Date.now() + 3_600_000);
    await mongodb.store.limits.hold({ account, until, reason: '429 from the API', epoch: 0, ceiling: 3 });
    expect(await progressLine(account)).toMatch(/; waiting until ([\d-]+ )?\d\d:\d\d UTC \(429 from the API\)$/);
  });
});
