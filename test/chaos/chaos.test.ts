import { describe, expect, it } from 'vitest';
import { PARALLEL_WINDOWS, runChaos } from './run-chaos.js';

describe('callweave under faults and kills', { timeout: 600_000 }, () => {
  it('loses and doubles no call, leaks nothing, and reads few pages again', async () => {
    const report = await runChaos({
      seed: 1,
      calls: 150,
      faultShare: 0.2,
      kills: ['worker', 'MongoDB', 'Temporal'],
    });

    expect(report).toMatchObject({
      calls: 150,
      callsLost: 0,
      callsDoubled: 0,
      callsWrong: 0,
      transcriptsWrong: [],
      crediraLost: 0,
      crediraWrong: 0,
      leaks: [],
    });
    expect(report.transcriptsHeld).toBeGreaterThan(50);
    expect(report.faults.size, 'kinds of faults injected').toBeGreaterThan(3);
    expect(report.pagesReadAgain).toBeLessThanOrEqual(report.kills.length * (1 + PARALLEL_WINDOWS));
    expect(report.searched, 'at least one history per look').toBeGreaterThan(150);
  });
});
