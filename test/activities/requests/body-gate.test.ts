import { setImmediate as turn } from 'node:timers/promises';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BodyGate } from '../../../src/activities/requests/body-gate.js';
import type { BodyRoom } from '../../../src/sources/http/body-room.js';

const MIB = 1024 * 1024;
const BUDGET = 100 * MIB;

/** A body that is in a gate until it is ended. */
interface Running {
  readonly room: BodyRoom;
  readonly end: () => Promise<void>;
}

async function enter(gate: BodyGate, options: { kind?: string; isUrgent?: boolean; signal?: AbortSignal } = {}) {
  return new Promise<Running>((resolve) => {
    let finish = (): void => undefined;
    const passed = gate.pass(
      { kind: 'a', isUrgent: false, signal: new AbortController().signal, ...options },
      async (room) => {
        const ended = new Promise<void>((done) => (finish = done));
        const end = async (): Promise<void> => {
          finish();
          await passed;
        };
        resolve({ room, end });
        await ended;
      },
    );
  });
}

/** Waits for room, and notes when it is there. */
function noted(order: string[], name: string, wait: Promise<void>): Promise<void> {
  return wait.then(() => void order.push(name));
}

describe('the bytes of bodies in a process', () => {
  const aBody = fc.record({
    mib: fc.integer({ min: 0, max: 150 }),
    isStated: fc.boolean(),
    isUrgent: fc.boolean(),
    kind: fc.constantFrom('a', 'b'),
    piecesMib: fc.integer({ min: 1, max: 60 }),
    turns: fc.nat(5),
  });

  it('never exceed the budget but for the oldest body, and every body passes', async () => {
    const bodies = fc.array(aBody, { minLength: 1, maxLength: 25 });
    await fc.assert(
      fc.asyncProperty(bodies, async (planned) => {
        const gate = new BodyGate({ budgetBytes: BUDGET });
        const inside: { bytes: number }[] = [];
        const runs = planned.map(async ({ mib, isStated, isUrgent, kind, piecesMib, turns }) => {
          const self = { bytes: 0 };
          await gate.pass({ kind, isUrgent, signal: new AbortController().signal }, async (room) => {
            if (isStated) await room.reserve(mib * MIB);
            inside.push(self);
            for (let received = 0; received < mib; received += piecesMib) {
              const bytes = Math.min(mib, received + piecesMib) * MIB;
              await room.hold(bytes);
              self.bytes = bytes;
              const sizes = inside.map((body) => body.bytes);
              const total = sizes.reduce((sum, size) => sum + size, 0);
              expect(total - Math.max(...sizes)).toBeLessThanOrEqual(BUDGET);
              await turn();
            }
            room.settle(mib * MIB);
            for (let index = 0; index < turns; index += 1) await turn();
            inside.splice(inside.indexOf(self), 1);
          });
        });
        await Promise.all(runs);
        expect(gate.bytes).toBe(0);
      }),
      { numRuns: 200 },
    );
  });

  it('stay within the budget if the lengths are stated and each fits', async () => {
    const lengths = fc.array(fc.integer({ min: 1, max: 100 }), { minLength: 1, maxLength: 25 });
    await fc.assert(
      fc.asyncProperty(lengths, async (planned) => {
        const gate = new BodyGate({ budgetBytes: BUDGET });
        const passes = planned.map(async (mib) =>
          gate.pass({ kind: 'a', isUrgent: false, signal: new AbortController().signal }, async (room) => {
            await room.reserve(mib * MIB);
            expect(gate.bytes).toBeLessThanOrEqual(BUDGET);
            await turn();
          }),
        );
        await Promise.all(passes);
      }),
    );
  });

  it('let a body larger than the budget pass alone, in its turn', async () => {
    const gate = new BodyGate({ budgetBytes: BUDGET });
    const order: string[] = [];
    const [small, large, last] = [await enter(gate), await enter(gate), await enter(gate)];
    await small.room.reserve(1 * MIB);
    const largeHasRoom = noted(order, 'large', large.room.reserve(150 * MIB));
    const lastHasRoom = noted(order, 'last', last.room.reserve(1 * MIB));
    await turn();
    expect(order).toEqual([]);

    await small.end();
    await largeHasRoom;
    await turn();
    expect(order).toEqual(['large']);
    expect(gate.bytes).toBe(150 * MIB);

    await large.end();
    await lastHasRoom;
    await last.end();
    expect(gate.bytes).toBe(0);
  });

  it('take a body of unknown length for as large as the last one of its kind, and the first for the largest', async () => {
    const gate = new BodyGate({ budgetBytes: BUDGET });
    const order: string[] = [];
    const [one, two, three, four] = [await enter(gate), await enter(gate), await enter(gate), await enter(gate)];
    await one.room.hold(1 * MIB);
    expect(gate.bytes).toBe(BUDGET);
    const waits = [two, three, four].map(({ room }, index) => noted(order, `${index + 2}`, room.hold(1 * MIB)));
    one.room.settle(40 * MIB);
    await turn();
    expect(order).toEqual(['2']);
    expect(gate.bytes).toBe(80 * MIB);
    await one.end();
    await turn();
    expect(order).toEqual(['2', '3']);
    await two.end();
    await Promise.all(waits);
    await three.end();
    await four.end();
  });

  it('do not count for small bodies, which never wait', async () => {
    const gate = new BodyGate({ budgetBytes: BUDGET });
    const [large, small] = [await enter(gate), await enter(gate)];
    await large.room.reserve(100 * MIB);
    await small.room.reserve(200 * 1024);
    await small.room.hold(200 * 1024);
    small.room.settle(200 * 1024);
    expect(gate.bytes).toBe(100 * MIB);
    await small.end();
    await large.end();
  });

  it('go to urgent bodies first, and to others in the order in which they asked', async () => {
    const gate = new BodyGate({ budgetBytes: BUDGET });
    const order: string[] = [];
    const first = await enter(gate);
    await first.room.reserve(100 * MIB);
    const plan = [
      ['one', false],
      ['two', false],
      ['live', true],
    ] as const;
    const ended = plan.map(async ([name, isUrgent]) => {
      const body = await enter(gate, { isUrgent });
      await noted(order, name, body.room.reserve(90 * MIB));
      await body.end();
    });
    await turn();
    await first.end();
    await Promise.all(ended);
    expect(order).toEqual(['live', 'one', 'two']);
  });

  it('are given back by a body whose wait is aborted, and the next one gets its turn', async () => {
    const gate = new BodyGate({ budgetBytes: BUDGET });
    const stop = new AbortController();
    const [first, aborted, next] = [await enter(gate), await enter(gate, { signal: stop.signal }), await enter(gate)];
    await first.room.reserve(60 * MIB);
    const wait = aborted.room.reserve(90 * MIB);
    const nextHasRoom = next.room.reserve(30 * MIB);
    stop.abort(new Error('stopped'));
    await expect(wait).rejects.toThrow('stopped');
    await nextHasRoom;
    await Promise.all([first.end(), aborted.end(), next.end()]);
    expect(gate.bytes).toBe(0);
  });
});
