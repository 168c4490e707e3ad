import type { Chain } from './chains.js';
import { compareRecency, type Row } from './recency.js';
import type { ColumnValue } from '../blank.js';

/** A row's value for one name. A row without a value makes no statement. */
export interface Statement {
  readonly value: ColumnValue;
}

/** The current value in a chain, and the oldest row of the unbroken run of rows that state it. */
export interface Run<S extends Statement> {
  readonly statement: S;
  readonly row: Row;
}

/** Maps names to their last run. A row without a statement does not break a run; repeating a value extends it. */
export function runsOf<S extends Statement>(
  chain: Chain,
  statementsOf: (row: Row) => ReadonlyMap<string, S>,
): Map<string, Run<S>> {
  const runs = new Map<string, Run<S>>();
  for (const row of chain.rows) {
    for (const [name, statement] of statementsOf(row)) {
      if (runs.get(name)?.statement.value !== statement.value) runs.set(name, { statement, row });
    }
  }
  return runs;
}

/** Finds, across chains, the run of each name that begins with the newest row. */
export function newestRuns<S extends Statement>(chains: Iterable<ReadonlyMap<string, Run<S>>>): Map<string, Run<S>> {
  const newest = new Map<string, Run<S>>();
  for (const runs of chains) {
    for (const [name, run] of runs) {
      const rival = newest.get(name);
      if (rival === undefined || compareRecency(rival.row, run.row) < 0) newest.set(name, run);
    }
  }
  return newest;
}
