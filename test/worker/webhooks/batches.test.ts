import { describe, expect, it } from 'vitest';
import type { Nudge } from '../../../src/temporal/runs/nudges.js';
import { Batches } from '../../../src/worker/webhooks/batches.js';
import { WebhookRefusal } from '../../../src/worker/webhooks/refusal.js';

/** A hundred call ids that no other number has. */
function hundred(number: number): Nudge {
  const callIds = Array.from({ length: 100 }, (_, index) => `C${number}-${index}`);
  return { account: 'east', ids: { callIds, transactionIds: [] } };
}

const one: Nudge = { account: 'east', ids: { callIds: ['C'], transactionIds: ['T'] } };

describe('the signals of webhooks', () => {
  it('have 500 ids and those of one more webhook at most, and lose none', async () => {
    const signals: Nudge[] = [];
    const batches = new Batches((nudge) => Promise.resolve(void signals.push(nudge)));

    await Promise.all(Array.from({ length: 33 }, (_, number) => batches.add(hundred(number))));

    expect(signals.map(({ ids }) => ids.callIds.length)).toEqual([500, 500, 500, 500, 500, 500, 300]);
    expect(new Set(signals.flatMap(({ ids }) => ids.callIds)).size).toBe(3_300);
  });

  it('are one for each account, without repetitions', async () => {
    const signals: Nudge[] = [];
    const batches = new Batches((nudge) => Promise.resolve(void signals.push(nudge)));

    await Promise.all([one, { ...one, account: 'west' }, one, one].map((nudge) => batches.add(nudge)));

    expect(signals).toEqual([one, { ...one, account: 'west' }]);
  });

  it('are not waited for by more than a thousand webhooks', async () => {
    let send = (): void => undefined;
    const sent = new Promise<void>((resolve) => {
      send = resolve;
    });
    const batches = new Batches(() => sent);

    const waiting = Array.from({ length: 1_000 }, () => batches.add(one));
    await expect(batches.add(one)).rejects.toBeInstanceOf(WebhookRefusal);
    send();
    await Promise.all(waiting);

    await expect(batches.add(one)).resolves.toBeUndefined();
  });

  it('fail alone: the next ones are sent', async () => {
    let isAway = true;
    const batches = new Batches(() => (isAway ? Promise.reject(new Error('away')) : Promise.resolve()));

    await expect(Promise.all([batches.add(one), batches.add(one)])).rejects.toThrow('away');
    isAway = false;
    await expect(batches.add(one)).resolves.toBeUndefined();
  });
});
