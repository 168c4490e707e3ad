import { describe, expect, it } from 'vitest';
import { useTestDatabase } from '../support/test-database.js';

const test = useTestDatabase();

const hourMs = 3_600_000;
// Whether a hold runs is for the server's clock to say, so the instants are hours away from it on either side.
const past = new Date(Date.now() - 2 * hourMs);
const soon = new Date(Date.now() + 2 * hourMs);
const later = new Date(Date.now() + 4 * hourMs);

describe('limits', () => {
  it('knows no hold of an account that never had one', async () => {
    expect(await test.store.limits.read('calm')).toBeNull();
  });

  it('begins a hold and gives it back to whoever reads it', async () => {
    const hold = await test.store.limits.hold({ account: 'first', until: soon, reason: '429 $from "Invoca"' });
    expect(hold).toEqual({ holdUntil: soon, rate: null, epoch: 1, reason: '429 $from "Invoca"' });
    expect(await test.store.limits.read('first')).toEqual(hold);
  });

  it('extends a running hold without beginning another', async () => {
    await test.store.limits.hold({ account: 'longer', until: soon, reason: 'first' });
    const hold = await test.store.limits.hold({ account: 'longer', until: later, reason: 'second' });
    expect(hold).toEqual({ holdUntil: later, rate: null, epoch: 1, reason: 'second' });
  });

  it('never shortens a hold', async () => {
    await test.store.limits.hold({ account: 'shorter', until: later, reason: 'first' });
    const hold = await test.store.limits.hold({ account: 'shorter', until: soon, reason: 'second' });
    expect(hold).toEqual({ holdUntil: later, rate: null, epoch: 1, reason: 'first' });
  });

  it('begins another hold once the last has passed', async () => {
    await test.store.limits.hold({ account: 'again', until: past, reason: 'first' });
    const hold = await test.store.limits.hold({ account: 'again', until: soon, reason: 'second' });
    expect(hold).toEqual({ holdUntil: soon, rate: null, epoch: 2, reason: 'second' });
  });

  it('takes requests refused at the same moment for one hold', async () => {
    const untils = Array.from({ length: 10 }, (_, index) => new Date(soon.getTime() + index));
    await Promise.all(
      untils.map((until) => test.store.limits.hold({ account: 'burst', until, reason: until.toISOString() })),
    );
    const last = untils.at(-1);
    expect(await test.store.limits.read('burst')).toEqual({
      holdUntil: last,
      rate: null,
      epoch: 1,
      reason: last?.toISOString(),
    });
  });

  it('leaves a rate that was set as it is', async () => {
    await test.store.limits.hold({ account: 'rated', until: past, reason: 'first' });
    await test.db
      .collection('limits')
      .updateOne({ reason: 'first', epoch: 1, holdUntil: past }, { $set: { rate: 1.5 } });
    const { rate } = await test.store.limits.hold({ account: 'rated', until: soon, reason: 'second' });
    expect(rate).toBe(1.5);
  });
});
