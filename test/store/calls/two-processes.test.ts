import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { CallTransaction } from '../../../src/domain/invoca/transaction.js';
import { sightings } from '../../support/a-transaction.js';
import { mergedCallsOf, mergedPartOf, rowsOf } from '../../support/call-rows.js';
import { order, startMergingProcess } from '../../support/merging-processes.js';
import { useTestDatabase } from '../../support/test-database.js';

const test = useTestDatabase();

const CALLS = 40;
const ROWS_PER_CALL = 12;
const PROCESSES = 2;
const SHARES_PER_PROCESS = 4;

/** The same rows on every run. */
function someRows(): CallTransaction[] {
  const rows = fc.sample(sightings, { seed: 20240601, numRuns: CALLS * ROWS_PER_CALL });
  return Array.from({ length: CALLS }, (_, index) =>
    rowsOf(`CALL-${index}`, rows.slice(index * ROWS_PER_CALL, (index + 1) * ROWS_PER_CALL)),
  ).flat();
}

/** Returns two thirds of the rows, different ones for each process, with every call in each page. */
function pagesOfProcess(rows: readonly CallTransaction[], process: number): CallTransaction[][] {
  const own = rows.filter((_, index) => index % (PROCESSES + 1) !== process);
  return Array.from({ length: SHARES_PER_PROCESS }, (_, page) =>
    own.filter((_, index) => (index + process) % SHARES_PER_PROCESS === page),
  );
}

describe('two processes merging the same calls at once', () => {
  it('lose nothing: every call is what all its rows make', async () => {
    const account = 'processes';
    const rows = someRows();
    const processes = Array.from({ length: PROCESSES }, startMergingProcess);
    await Promise.all(
      processes.map((process, index) =>
        order(process, {
          kind: 'prepare',
          uri: test.uri,
          database: test.database,
          account,
          pages: pagesOfProcess(rows, index),
        }),
      ),
    );
    const reports = await Promise.all(processes.map((process) => order(process, { kind: 'start' })));

    let revisions = 0;
    for (const [callId, merged] of mergedCallsOf(rows)) {
      const call = await test.store.calls.find({ account, id: callId });
      if (call === null) throw new Error(`${callId} is not stored`);
      expect(mergedPartOf(call)).toEqual(merged);
      revisions += call.revision;
    }
    const writes = reports.reduce((sum, report) => sum + (report.kind === 'done' ? report.writes : 0), 0);
    expect(writes).toBe(revisions);
    expect(writes).toBeGreaterThan(CALLS);
  });
});
