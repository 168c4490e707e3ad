import { describe, expect, it } from 'vitest';
import { createSampleFeed, type SampleFeed } from '../../src/sample/feed/feed.js';
import { servedInvocaAccount } from '../../src/sample/sample-account.js';
import type { TranscriptFate, TranscriptPlan } from '../../src/sample/transcripts/transcript-plan.js';
import { startInvoca } from '../support/fake-invoca.js';
import { lookFor } from '../support/transcripts.js';

interface Call {
  readonly plan: TranscriptPlan;
  readonly endedMs: number;
  readonly connectSeconds: number;
  /** Time from the call's end until the transcript, or the report that there is none, is available. */
  readonly readySeconds: number;
}

const endsAt = new Date('2025-06-09T20:00:00.500Z');
const trickle = { calls: 300, everyMs: 10_000 };
const feed = createSampleFeed({ seed: servedInvocaAccount.seed, endsAt, trickle });
const calls = callsOf(feed);
const ofPeriod = calls.slice(0, 2_000);
const recent = ofPeriod.filter(({ endedMs }) => endedMs > endsAt.getTime() - 42_000);
const trickled = calls.slice(2_000);

function callsOf({ rows, transcripts }: SampleFeed): Call[] {
  const ends = new Map<unknown, { endedMs: number; connectSeconds: number }>();
  for (const { row } of rows) {
    const columns = row as Record<string, unknown>;
    if (columns['transaction_type'] !== 'Call' || columns['corrects_transaction_id']) continue;
    const endedMs = Number(columns['start_time_utc']) + Number(columns['duration']) * 1_000;
    ends.set(columns['complete_call_id'], { endedMs, connectSeconds: Number(columns['connect_duration']) });
  }
  return transcripts.map((plan) => {
    const { endedMs, connectSeconds } = ends.get(plan.callId) ?? expect.fail(`${plan.callId} has no row`);
    return { plan, endedMs, connectSeconds, readySeconds: ((plan.readyAt?.getTime() ?? 0) - endedMs) / 1_000 };
  });
}

function countOf(among: readonly Call[], fate: TranscriptFate): number {
  return among.filter(({ plan }) => plan.fate === fate).length;
}

const spoken = calls.filter(({ plan }) => plan.fate === 'ready');

describe('the transcripts of the sample feed', () => {
  it('are planned once for each call, the same for the same options', () => {
    expect(new Set(calls.map(({ plan }) => plan.callId)).size).toBe(2_300);
    expect(createSampleFeed({ seed: servedInvocaAccount.seed, endsAt, calls: 120 }).transcripts).toEqual(
      feed.transcripts.slice(0, 120),
    );
    expect(createSampleFeed({ seed: 1, endsAt, calls: 120 }).transcripts).not.toEqual(feed.transcripts.slice(0, 120));
  });

  it.each<[TranscriptFate, number, number]>([
    ['ready', 1_500, 1_700],
    ['none', 250, 400],
    ['too-short', 10, 80],
    ['silent', 40, 40],
    ['forbidden', 8, 8],
    ['gone', 2, 2],
    ['too-large', 1, 1],
    ['unknown-shape', 1, 1],
  ])('of the period have the fate %s %i to %i times', (fate, least, most) => {
    expect(countOf(ofPeriod, fate)).toBeGreaterThanOrEqual(least);
    expect(countOf(ofPeriod, fate)).toBeLessThanOrEqual(most);
  });

  it('have every fate but the rarest among the calls of the first three minutes', () => {
    const fates = new Set(trickled.slice(0, 18).map(({ plan }) => plan.fate));

    expect([...fates].sort()).toEqual(['forbidden', 'gone', 'none', 'ready', 'silent', 'too-large']);
  });

  it('are never forbidden for two calls in a row', () => {
    const inOrder = [...calls].sort((a, b) => a.endedMs - b.endedMs).map(({ plan }) => plan.fate);

    expect(inOrder.filter((fate, index) => fate === 'forbidden' && inOrder[index + 1] === fate)).toEqual([]);
  });

  it('are ready for a call of the period that gets a single look long after its deadline', () => {
    const old = ofPeriod.filter(({ endedMs }) => endedMs < endsAt.getTime() - 120_000);

    expect(old.length).toBeGreaterThan(1_900);
    expect(old.filter(({ plan }) => (plan.readyAt ?? endsAt) >= endsAt)).toEqual([]);
  });

  it('are ready within two minutes of the end, many within seconds and some late', () => {
    const seconds = calls.map(({ readySeconds }) => readySeconds);

    expect(Math.min(...seconds)).toBeGreaterThan(0);
    expect(Math.max(...seconds)).toBeLessThanOrEqual(100);
    expect(seconds.filter((delay) => delay <= 23).length / seconds.length).toBeGreaterThan(0.35);
    expect(seconds.filter((delay) => delay > 60).length / seconds.length).toBeGreaterThan(0.15);
  });

  it('keep appearing for a minute and a half after the first start', () => {
    const readyAfterStart = recent.map(({ plan }) => ((plan.readyAt?.getTime() ?? 0) - endsAt.getTime()) / 1_000);
    const within = (from: number, to: number) => readyAfterStart.filter((after) => after > from && after <= to).length;

    expect(recent.length).toBeGreaterThanOrEqual(40);
    expect(within(0, 30)).toBeGreaterThanOrEqual(5);
    expect(within(30, 60)).toBeGreaterThanOrEqual(3);
    expect(within(60, 90)).toBeGreaterThanOrEqual(1);
    expect(countOf(recent, 'unknown-shape')).toBe(1);
  });

  it('use every way to answer "not yet"', () => {
    const ways = new Set(calls.map(({ plan }) => plan.notYet));

    expect([...ways].sort()).toEqual(['204', '404', 'empty-list', 'error-with-200']);
  });

  it('are missing if nobody was reached, and too short after a few words', () => {
    const of = (fate: TranscriptFate) => calls.filter(({ plan }) => plan.fate === fate);

    expect(of('none').every(({ connectSeconds }) => connectSeconds === 0)).toBe(true);
    expect(of('too-short').every(({ connectSeconds }) => connectSeconds < 20)).toBe(true);
    expect(of('ready').every(({ connectSeconds }) => connectSeconds >= 20)).toBe(true);
  });
});

describe('the conversations of the sample feed', () => {
  it('begin with the front desk, alternate until the farewell, and fill in every word', () => {
    for (const { plan } of spoken) {
      const speakers = (plan.turns ?? []).map((turn) => Object.keys(turn).join());
      const expected = speakers.map((_speaker, index) => (index % 2 === 0 ? 'agent' : 'caller'));

      expect(speakers).toEqual(expected);
      expect(speakers.length).toBeGreaterThanOrEqual(5);
      expect(JSON.stringify(plan)).not.toMatch(/[{]\w+[}]|undefined/);
    }
  });

  it('are longer for longer calls, and repeat nothing', () => {
    const lengths = (from: number, to: number) => {
      const turns = spoken.filter(({ connectSeconds: s }) => s >= from && s < to).map(({ plan }) => plan.turns ?? []);
      return turns.reduce((sum, list) => sum + list.length, 0) / turns.length;
    };

    expect(lengths(20, 60)).toBeLessThan(lengths(100, 140));
    expect(lengths(100, 140)).toBeLessThan(lengths(300, 900));
    for (const { plan } of spoken) {
      const texts = (plan.turns ?? []).map((turn) => JSON.stringify(turn));
      expect(new Set(texts).size).toBe(texts.length);
    }
  });

  it('differ from call to call, in words and in mood', () => {
    const scores = spoken.map(({ plan }) => plan.sentiment?.overall ?? 0);

    expect(new Set(spoken.map(({ plan }) => JSON.stringify(plan.turns))).size).toBeGreaterThan(1_500);
    expect(scores.filter((score) => score > 0.25).length).toBeGreaterThan(300);
    expect(scores.filter((score) => score < -0.25).length).toBeGreaterThan(300);
    expect(scores.every((score) => score >= -1 && score <= 1)).toBe(true);
  });

  it('contain no phone number', () => {
    const words = JSON.stringify(spoken.map(({ plan: { turns, summary } }) => [turns, summary]));

    expect(words.match(/\d{3}-\d{4}/g)).toBeNull();
  });

  it('are served as they were written', async () => {
    const invoca = await startInvoca({ feed, now: () => endsAt });
    const [first = expect.fail('no call')] = ofPeriod.filter(({ plan }) => plan.fate === 'ready');

    const answer = await lookFor(invoca, { callId: first.plan.callId });

    expect(answer).toMatchObject({
      kind: 'ready',
      turns: first.plan.turns?.map((turn) => ({ speaker: Object.keys(turn)[0], text: Object.values(turn)[0] })),
    });
  });
});
