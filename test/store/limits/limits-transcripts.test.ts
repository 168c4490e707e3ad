import { describe, expect, it } from 'vitest';
import { NOW, minutesFrom } from '../../support/pending-calls.js';
import { useTestDatabase } from '../../support/test-database.js';

const test = useTestDatabase();

const unrefused = { forbiddenInARow: 0, since: null, until: null, probeFrom: null };
const unheld = { pausedUntil: null, reason: null, rests: { fresh: unrefused, old: unrefused }, analysis: 'unknown' };
const anHourLater = minutesFrom(NOW, 60);
const tomorrow = minutesFrom(NOW, 24 * 60);

const forbid = (account: string, now = NOW) =>
  test.store.limits.noteForbidden({ account, lane: 'old', now, holdAfter: 3, holdMs: 3_600_000 });

async function oldOf(account: string) {
  return (await test.store.limits.transcriptsState(account)).rests.old;
}

describe('the transcripts state of an account', () => {
  it('has no hold at first', async () => {
    expect(await test.store.limits.transcriptsState('calm')).toEqual(unheld);
    expect(await test.store.limits.endLaneHold({ account: 'calm', lane: 'old', hold: unrefused })).toBe(false);
    await test.store.limits.endLaneHolds('calm');
    expect(await test.store.limits.transcriptsState('calm')).toEqual(unheld);
  });

  it('holds one lane after a run of refusals there', async () => {
    await forbid('run');
    await forbid('run', minutesFrom(NOW, 1));
    expect(await oldOf('run')).toEqual({ ...unrefused, forbiddenInARow: 2, since: NOW });

    const state = await forbid('run');

    const old = { ...unrefused, forbiddenInARow: 3, since: NOW, until: anHourLater };
    expect(state).toEqual({ ...unheld, rests: { fresh: unrefused, old } });
    expect(await test.store.limits.transcriptsState('run')).toEqual(state);
  });

  it('begins a run at its earliest refusal, by whichever clock', async () => {
    await forbid('clocks');
    await forbid('clocks', minutesFrom(NOW, -2));
    expect(await oldOf('clocks')).toMatchObject({ since: minutesFrom(NOW, -2) });
  });

  it('is on hold longer if the probe is refused too, and no longer once the hold that was read is ended', async () => {
    for (let refused = 0; refused < 3; refused += 1) await forbid('probe');
    const before = await oldOf('probe');
    await forbid('probe', anHourLater);
    const hold = await oldOf('probe');
    expect(hold).toMatchObject({ forbiddenInARow: 4, since: NOW, until: minutesFrom(NOW, 120) });

    expect(await test.store.limits.endLaneHold({ account: 'probe', lane: 'old', hold: before })).toBe(false);
    expect(await test.store.limits.endLaneHold({ account: 'probe', lane: 'fresh', hold })).toBe(false);
    expect(await oldOf('probe')).toEqual(hold);
    expect(await test.store.limits.endLaneHold({ account: 'probe', lane: 'old', hold })).toBe(true);
    expect(await test.store.limits.transcriptsState('probe')).toEqual(unheld);
  });

  it('starts counting again after a request that was allowed', async () => {
    await forbid('broken');
    await forbid('broken');
    expect(await test.store.limits.endLaneHold({ account: 'broken', lane: 'old', hold: await oldOf('broken') })).toBe(
      true,
    );
    await forbid('broken');
    expect(await oldOf('broken')).toMatchObject({ forbiddenInARow: 1, until: null });
  });

  it('ends the holds of both lanes for an operator, and changes nothing else', async () => {
    const refusal = { account: 'person', now: NOW, holdAfter: 1, holdMs: 3_600_000 };
    for (const lane of ['fresh', 'old'] as const) await test.store.limits.noteForbidden({ ...refusal, lane });
    await test.store.limits.holdTranscripts({ account: 'person', until: tomorrow, reason: '401' });
    await test.store.limits.endLaneHolds('person');
    expect(await test.store.limits.transcriptsState('person')).toEqual({
      ...unheld,
      pausedUntil: tomorrow,
      reason: '401',
    });
  });

  it('gives the probe after a hold to one of many, and to another if it is not answered', async () => {
    const probe = { account: 'probes', lane: 'old', now: anHourLater, probeMs: 300_000 } as const;
    for (let refused = 0; refused < 3; refused += 1) await forbid('probes');
    expect(await test.store.limits.takeProbe({ ...probe, now: minutesFrom(NOW, 59) })).toBe(false);
    expect(await test.store.limits.takeProbe({ ...probe, lane: 'fresh' })).toBe(false);

    const takenAtOnce = () => Promise.all(Array.from({ length: 10 }, () => test.store.limits.takeProbe(probe)));
    expect((await takenAtOnce()).filter(Boolean)).toHaveLength(1);
    expect((await takenAtOnce()).filter(Boolean)).toHaveLength(0);
    expect(await test.store.limits.takeProbe({ ...probe, now: minutesFrom(anHourLater, 5) })).toBe(true);
  });

  it('is on hold as a whole after a refused token, and never for a shorter time', async () => {
    const hold = { account: 'token', until: tomorrow, reason: '$401: check the token' };
    const held = { ...unheld, pausedUntil: tomorrow, reason: '$401: check the token' };
    expect(await test.store.limits.holdTranscripts(hold)).toEqual(held);
    const shorter = { ...hold, until: minutesFrom(NOW, 5), reason: 'another' };
    expect(await test.store.limits.holdTranscripts(shorter)).toEqual(held);
    await test.store.limits.endTranscriptsHold('token');
    expect(await test.store.limits.transcriptsState('token')).toEqual(unheld);
  });

  it('counts each of many refusals at once, and lets one of many end their hold', async () => {
    await Promise.all(Array.from({ length: 10 }, () => forbid('burst')));
    const hold = await oldOf('burst');
    expect(hold).toMatchObject({ forbiddenInARow: 10, until: anHourLater });
    const endings = Array.from({ length: 10 }, () =>
      test.store.limits.endLaneHold({ account: 'burst', lane: 'old', hold }),
    );
    expect((await Promise.all(endings)).filter(Boolean)).toHaveLength(1);
  });

  it('remembers whether there is an analysis', async () => {
    expect(await test.store.limits.setAnalysis({ account: 'analysis', value: 'off' })).toMatchObject({
      analysis: 'off',
    });
    await forbid('analysis');
    await test.store.limits.endLaneHolds('analysis');
    expect(await test.store.limits.transcriptsState('analysis')).toEqual({ ...unheld, analysis: 'off' });
  });

  it('is independent of the hold of the account', async () => {
    await test.store.limits.setAnalysis({ account: 'beside', value: 'on' });
    expect(await test.store.limits.read('beside')).toBeNull();
    const hold = await test.store.limits.hold({
      account: 'beside',
      until: tomorrow,
      reason: '429',
      epoch: 0,
      ceiling: 3,
    });
    expect(hold).toMatchObject({ holdUntil: tomorrow, rate: 1.5, epoch: 1, reason: '429' });
    await test.store.limits.holdTranscripts({ account: 'beside', until: tomorrow, reason: '401' });
    expect(await test.store.limits.read('beside')).toEqual(hold);
    expect(await test.store.limits.transcriptsState('beside')).toMatchObject({ reason: '401', analysis: 'on' });
  });

  it('is the same if it is read together with the hold', async () => {
    const both = async () => ({
      hold: await test.store.limits.read('both'),
      transcripts: await test.store.limits.transcriptsState('both'),
    });
    expect(await test.store.limits.readAll('both')).toEqual({ hold: null, transcripts: unheld });
    await test.store.limits.holdTranscripts({ account: 'both', until: tomorrow, reason: '401' });
    expect(await test.store.limits.readAll('both')).toEqual(await both());
    expect(await test.store.limits.readAll('both')).toMatchObject({ hold: null, transcripts: { reason: '401' } });
    await test.store.limits.hold({ account: 'both', until: tomorrow, reason: '429', epoch: 0, ceiling: 3 });
    expect(await test.store.limits.readAll('both')).toEqual(await both());
    expect(await test.store.limits.readAll('both')).toMatchObject({ hold: { reason: '429' } });
  });
});
