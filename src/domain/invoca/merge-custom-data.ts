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
 * Merges the custom data of a call without its Signals, sorted by lower-cased name, then name. A Signal whose value is
 * neither true nor false is custom data. Names that differ in case are different names. A chain contributes only names
 * that its newest row states; across chains the newest change of a name counts.
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

/** Maps names to what a row states: a nested entry replaces a flat column, a later nested entry an earlier one. */
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
