import Table from 'cli-table3';
import type { ChaosReport } from './run-chaos.js';

/** Draws a table with one column per run. */
export function reportTable(reports: readonly ChaosReport[]): string {
  const rows: readonly (readonly [string, (report: ChaosReport) => number | string])[] = [
    ['seed', ({ seed }) => seed],
    ['calls', ({ calls }) => calls],
    ['requests', ({ requests }) => requests],
    ['faults injected', ({ faults }) => sum(faults)],
    ['SIGKILLs of a worker', ({ kills }) => count(kills, 'worker')],
    ['SIGKILLs of MongoDB', ({ kills }) => count(kills, 'MongoDB')],
    ['SIGKILLs of Temporal', ({ kills }) => count(kills, 'Temporal')],
    ['holds (429)', ({ holds }) => holds],
    ['requests in the second half of a hold', ({ duringHolds }) => duringHolds],
    ['pages with rows', ({ pages }) => pages],
    ['pages read again', ({ pagesReadAgain }) => pagesReadAgain],
    ['calls lost', ({ callsLost }) => callsLost],
    ['calls doubled', ({ callsDoubled }) => callsDoubled],
    ['calls that differ from the source', ({ callsWrong }) => callsWrong],
    ['transcripts held', ({ transcriptsHeld }) => transcriptsHeld],
    ['transcripts with a wrong status', ({ transcriptsWrong }) => transcriptsWrong.length],
    ['transcripts read again', ({ transcriptsReadAgain }) => transcriptsReadAgain],
    ['Credira calls', ({ crediraCalls }) => crediraCalls],
    ['Credira calls lost', ({ crediraLost }) => crediraLost],
    ['Credira calls that differ', ({ crediraWrong }) => crediraWrong],
    ['histories, metrics and logs searched', ({ searched }) => searched],
    ['secrets or personal data in them', ({ leaks }) => leaks.length],
    ['seconds', ({ seconds }) => seconds],
  ];
  const table = new Table({ style: { head: [], border: [] } });
  table.push(...rows.map(([name, valueOf]) => [name, ...reports.map((report) => String(valueOf(report)))]));
  return `${table.toString()}\nFaults by kind: ${faultsLine(reports)}\n`;
}

function faultsLine(reports: readonly ChaosReport[]): string {
  const totals = new Map<string, number>();
  for (const [name, times] of reports.flatMap(({ faults }) => [...faults])) {
    totals.set(name, (totals.get(name) ?? 0) + times);
  }
  return [...totals]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, times]) => `${name} ${times}`)
    .join(', ');
}

function sum(counts: ReadonlyMap<string, number>): number {
  return [...counts.values()].reduce((total, times) => total + times, 0);
}

function count<Item>(items: readonly Item[], item: Item): number {
  return items.filter((other) => other === item).length;
}
