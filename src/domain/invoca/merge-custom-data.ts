import type { CallCustomData } from '../call.js';
import type { Chain } from './chains.js';
import { isNested } from './custom-data.js';
import { compareText } from '../order.js';
import type { Row } from './recency.js';
import { newestRuns, runsOf, type Run } from './runs.js';
import { isSignal, signalKey, statesSignal } from './signals.js';
import type { ColumnValue } from '../blank.js';
import type { CustomDataEntry } from './transaction.js';

interface CustomDataStatement {
  readonly dataType: string | null;
  readonly source: string | null;
  readonly value: ColumnValue;
}

/**
 * The custom data of a call without its Signals, by lower-cased name, then name. A Signal with a value that is neither
 * true nor false is custom data. Names differ where their case does.
 * In a chain only what the newest row states is there at all; across chains the newest change of a name holds.
 */
export function mergeCustomData(chains: readonly Chain[]): CallCustomData[] {
  const runs = newestRuns(
    chains.map((chain) => {
      const current = customDataOf(chain.newest);
      const ofChain = runsOf(chain, customDataOf);
      for (const name of ofChain.keys()) if (!current.has(name)) ofChain.delete(name);
      return ofChain;
    }),
  );
  return [...runs]
    .map(([name, run]) => ({ key: name.toLowerCase(), entry: entryFrom(name, run) }))
    .sort((a, b) => compareText(a.key, b.key) || compareText(a.entry.name, b.entry.name))
    .map(({ entry }) => entry);
}

function entryFrom(name: string, { statement, row }: Run<CustomDataStatement>): CallCustomData {
  const { dataType, source, value } = statement;
  return { name, dataType, source, value, transactionId: row.id };
}

/** What one row states, by name: a nested entry before a flat column, and of two nested ones the last in order. */
function customDataOf(row: Row): Map<string, CustomDataStatement> {
  const { customData } = row.transaction;
  const nested = customData.filter(isNested);
  const signals = new Set(nested.filter(isSignal).map((entry) => signalKey(entry.name)));
  const stated = new Map<string, CustomDataStatement>();
  for (const entry of customData) {
    if (!isNested(entry) && !signals.has(signalKey(entry.name))) state(stated, entry);
  }
  for (const entry of nested) {
    if (!statesSignal(entry)) state(stated, entry);
  }
  return stated;
}

function state(stated: Map<string, CustomDataStatement>, entry: CustomDataEntry): void {
  const { name, dataType, source, value } = entry;
  if (value !== null) stated.set(name, { dataType, source, value });
}
