import { describe, expect, it } from 'vitest';
import { ATTENTION_CODES } from '../../../src/domain/alerts/attention.js';
import { alertChanges, retryDelayMs, type AlertRecord } from '../../../src/domain/alerts/alert-record.js';
import { conditionsOf, type CountedAttention } from '../../../src/domain/alerts/conditions.js';

const NOW = new Date('2025-06-09T12:00:00Z');

function minutesAgo(minutes: number): Date {
  return new Date(NOW.getTime() - minutes * 60_000);
}

function attention(changes: Partial<CountedAttention>): CountedAttention {
  return { account: 'acme', code: 'late', message: 'not caught up', since: minutesAgo(20), count: null, ...changes };
}

function record(changes: Partial<AlertRecord>): AlertRecord {
  const about = { account: 'acme', code: 'late', message: 'not caught up', since: minutesAgo(20) } as const;
  const told = { told: { state: 'raised', count: null }, toldAt: minutesAgo(19) } as const;
  return { ...about, ...told, state: 'raised', mutedUntil: null, post: null, ...changes };
}

function changes(conditions: readonly CountedAttention[], records: readonly AlertRecord[]) {
  return alertChanges({ conditions, records, now: NOW, newId: () => 'new' });
}

describe('alerts', () => {
  it('have the codes of the contract', () => {
    expect(ATTENTION_CODES).toHaveLength(18);
  });

  it('are one for an account and code, with the first message, the number of others, and the earliest start', () => {
    const joined = conditionsOf([
      attention({ code: 'schedule-paused', message: 'drain is paused', since: null }),
      attention({ account: 'other', code: 'schedule-paused', message: 'other is paused' }),
      attention({ code: 'schedule-paused', message: 'transcripts is paused', since: minutesAgo(5) }),
      attention({ code: 'schedule-paused', message: 'reconcile is paused', since: minutesAgo(9) }),
    ]);

    expect(joined.map(({ account, message, since }) => [account, message, since])).toEqual([
      ['acme', 'drain is paused (and 2 more)', minutesAgo(9)],
      ['other', 'other is paused', minutesAgo(20)],
    ]);
  });

  it('are not made of what only `status` and `check` show', () => {
    const shown = ['no-worker', 'alerts-refused'] as const;
    expect(conditionsOf(shown.map((code) => attention({ code })))).toEqual([]);
  });

  it('are raised once and resolved once, with the message that was told', () => {
    const [raised, ...others] = changes([attention({})], []);
    expect(others).toEqual([]);
    expect(raised).toMatchObject({
      state: 'raised',
      post: { id: 'new', state: 'raised', message: 'not caught up', since: minutesAgo(20), at: NOW, nextAt: NOW },
    });
    expect(changes([attention({ message: 'not caught up: another reason' })], [record({})])).toEqual([]);

    expect(changes([], [record({})])).toMatchObject([
      { state: 'resolved', post: { state: 'resolved', message: 'not caught up', since: minutesAgo(20) } },
    ]);
    const told = { state: 'resolved', count: null } as const;
    expect(changes([], [record({ state: 'resolved', told })])).toEqual([]);
  });

  it('are noted during a mute, and told when it has ended', () => {
    const muted = { mutedUntil: new Date(NOW.getTime() + 1), told: null, toldAt: null } as const;
    const noted = changes([attention({})], [record({ ...muted, state: 'resolved' })]);
    expect(noted).toMatchObject([{ state: 'raised', message: 'not caught up', post: null }]);
    expect(changes([attention({})], [record({ ...muted })])).toEqual([]);
    expect(changes([attention({})], [record({ ...muted, mutedUntil: NOW })])).toMatchObject([
      { post: { state: 'raised' } },
    ]);
    const told = { ...muted, told: { state: 'raised', count: null } } as const;
    expect(changes([], [record(told)])).toMatchObject([{ state: 'resolved', post: null }]);
    expect(changes([], [record({ ...told, state: 'resolved', mutedUntil: NOW })])).toMatchObject([
      { post: { state: 'resolved' } },
    ]);
  });

  it.each([
    ['as many', 3, 90, false],
    ['fewer', 2, 90, false],
    ['more, but within the hour', 4, 59, false],
    ['more', 4, 60, true],
  ])('raise rejects again: %s', (_what, count, toldMinutesAgo, isPosted) => {
    const told = { told: { state: 'raised', count: 3 }, toldAt: minutesAgo(toldMinutesAgo) } as const;
    const now = changes([attention({ code: 'rejects', count })], [record({ code: 'rejects', ...told })]);
    expect(now.map(({ post }) => post?.count)).toEqual(isPosted ? [count] : []);
  });
});

describe('a failed post', () => {
  it('is tried again after 5 s, then ever more rarely, every ten minutes at least', () => {
    const delays = [1, 2, 3, 7, 8, 50, 5_000].map((attempts) =>
      retryDelayMs({ attempts, isRefused: false, askedForMs: null }),
    );
    expect(delays).toEqual([5, 10, 20, 320, 600, 600, 600].map((seconds) => seconds * 1_000));
  });

  it('is tried again when the receiver asks for it, and once in each run if it is refused', () => {
    expect(retryDelayMs({ attempts: 1, isRefused: false, askedForMs: 90_000 })).toBe(90_000);
    expect(retryDelayMs({ attempts: 9, isRefused: true, askedForMs: null })).toBeLessThan(60_000);
  });
});
