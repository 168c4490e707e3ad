import { describe, expect, it } from 'vitest';
import { createRandom } from '../../src/sample/random.js';
import { reportTable } from './report-table.js';
import { PARALLEL_WINDOWS, runChaos, type ChaosReport } from './run-chaos.js';
import type { Victim } from './world.js';

const SEEDS = [101, 102, 103];
const KILLS = 10;

describe('callweave under many faults and kills', { timeout: 25 * 60_000 }, () => {
  it('loses and doubles no call, and leaks nothing, with any seed', async () => {
    const reports: ChaosReport[] = [];
    for (const seed of SEEDS) {
      const kills = victims(seed);
      reports.push(await runChaos({ seed, calls: 500, faultShare: 0.2, kills }));
    }
    process.stdout.write(`\n${reportTable(reports)}\n`);

    for (const report of reports) {
      expect(report, `seed ${report.seed}`).toMatchObject({
        callsLost: 0,
        callsDoubled: 0,
        callsWrong: 0,
        transcriptsWrong: [],
        crediraLost: 0,
        crediraWrong: 0,
        leaks: [],
      });
      expect(report.pagesReadAgain).toBeLessThanOrEqual(report.kills.length * (1 + PARALLEL_WINDOWS));
    }
  });
});

function victims(seed: number): Victim[] {
  const random = createRandom('victims', seed);
  return Array.from({ length: KILLS }, () => random.pick(['worker', 'worker', 'MongoDB', 'Temporal']));
}
