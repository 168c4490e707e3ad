import { describe, expect, it } from 'vitest';
import { NOW, minutesFrom } from '../support/pending-calls.js';
import { useTestDatabase } from '../support/test-database.js';

const test = useTestDatabase();

const unpaused = { pausedUntil: null, reason: null, forbiddenInARow: 0, analysis: 'unknown' };
const refusal = { now: NOW, pauseAfter: 3, pauseMs: 86_400_000 };
const tomorrow = minutesFrom(NOW, 24 * 60);

const forbid = (account: string, now = NOW) => test.store.limits.noteForbidden({ account, ...refusal, now });

describe('the transcripts state of an account', () => {
  it('is unpaused to begin with', async () => {
    expect(await test.store.limits.transcriptsState('calm')).toEqual(unpaused);
    expect(await test.store.limits.noteAllowed('calm')).toBe(false);
    expect(await test.store.limits.transcriptsState('calm')).toEqual(unpaused);
  });

  it('pauses after a run of refusals', async () => {
    expect(await forbid('run')).toEqual({ ...unpaused, forbiddenInARow: 1 });
    expect(await forbid('run')).toEqual({ ...unpaused, forbiddenInARow: 2 });
    const paused = await forbid('run');
    expect(paused).toEqual({
      ...unpaused,
      forbiddenInARow: 3,
      pausedUntil: tomorrow,
      reason: 'the source refused 3 transcripts in a row with 403',
    });
    expect(await test.store.limits.transcriptsState('run')).toEqual(paused);
  });

  it('pauses again when the probe after a pause is refused, and lifts the pause when it is allowed', async () => {
    for (let refused = 0; refused < 3; refused += 1) await forbid('probe');
    const again = await forbid('probe', tomorrow);
    expect(again).toMatchObject({ forbiddenInARow: 4, pausedUntil: minutesFrom(tomorrow, 24 * 60) });
    expect(await test.store.limits.noteAllowed('probe')).toBe(true);
    expect(await test.store.limits.transcriptsState('probe')).toEqual(unpaused);
    expect(await test.store.limits.noteAllowed('probe')).toBe(false);
  });

  it('begins the count again after a request that was allowed', async () => {
    await forbid('broken');
    await forbid('broken');
    expect(await test.store.limits.noteAllowed('broken')).toBe(false);
    expect(await forbid('broken')).toMatchObject({ forbiddenInARow: 1, pausedUntil: null });
  });

  it('is paused for another reason too, and never for a shorter time', async () => {
    const pause = { account: 'token', until: tomorrow, reason: '$401: check the token' };
    const paused = { ...unpaused, pausedUntil: tomorrow, reason: '$401: check the token' };
    expect(await test.store.limits.pauseTranscripts(pause)).toEqual(paused);
    const shorter = { ...pause, until: minutesFrom(NOW, 5), reason: 'another' };
    expect(await test.store.limits.pauseTranscripts(shorter)).toEqual(paused);
    for (let refused = 0; refused < 3; refused += 1) await forbid('token', minutesFrom(NOW, -60));
    expect(await test.store.limits.transcriptsState('token')).toEqual({ ...paused, forbiddenInARow: 3 });
    expect(await test.store.limits.noteAllowed('token')).toBe(true);
  });

  it('counts every one of many refusals at once, and lifts their pause for one of many', async () => {
    await Promise.all(Array.from({ length: 10 }, () => forbid('burst')));
    expect(await test.store.limits.transcriptsState('burst')).toMatchObject({
      forbiddenInARow: 10,
      pausedUntil: tomorrow,
    });
    const lifted = await Promise.all(Array.from({ length: 10 }, () => test.store.limits.noteAllowed('burst')));
    expect(lifted.filter(Boolean)).toHaveLength(1);
  });

  it('remembers whether there is an analysis', async () => {
    expect(await test.store.limits.setAnalysis({ account: 'analysis', value: 'off' })).toMatchObject({
      analysis: 'off',
    });
    await forbid('analysis');
    await test.store.limits.noteAllowed('analysis');
    expect(await test.store.limits.transcriptsState('analysis')).toEqual({ ...unpaused, analysis: 'off' });
  });

  it('stands beside the hold of the account, neither of them touching the other', async () => {
    await test.store.limits.setAnalysis({ account: 'beside', value: 'on' });
    expect(await test.store.limits.read('beside')).toBeNull();
    const hold = await test.store.limits.hold({
      account: 'beside',
      until: tomorrow,
      reason: '429',
      epoch: 0,
      ceiling: 3,
    });
    expect(hold).toEqual({ holdUntil: tomorrow, rate: 1.5, epoch: 1, reason: '429' });
    await test.store.limits.pauseTranscripts({ account: 'beside', until: tomorrow, reason: '401' });
    expect(await test.store.limits.read('beside')).toEqual(hold);
    expect(await test.store.limits.transcriptsState('beside')).toMatchObject({ reason: '401', analysis: 'on' });
  });

  it('is read together with the hold as each is read by itself', async () => {
    const both = async () => ({
      hold: await test.store.limits.read('both'),
      transcripts: await test.store.limits.transcriptsState('both'),
    });
    expect(await test.store.limits.readAll('both')).toEqual({ hold: null, transcripts: unpaused });
    await test.store.limits.pauseTranscripts({ account: 'both', until: tomorrow, reason: '401' });
    expect(await test.store.limits.readAll('both')).toEqual(await both());
    expect(await test.store.limits.readAll('both')).toMatchObject({ hold: null, transcripts: { reason: '401' } });
    await test.store.limits.hold({ account: 'both', until: tomorrow, reason: '429', epoch: 0, ceiling: 3 });
    expect(await test.store.limits.readAll('both')).toEqual(await both());
    expect(await test.store.limits.readAll('both')).toMatchObject({ hold: { reason: '429' } });
  });
});
