import { count } from '../../domain/count.js';
import { isByTime, periodsOf, type Figures, type TotalsBy, type TotalsRow } from '../../domain/totals/totals.js';
import type { Totals } from '../../operations/totals.js';
import { csvLine } from '../../operations/export/csv.js';
import type { Output } from '../kit/output.js';

/** Characters of the longest bar. */
const BAR_WIDTH = 10;
const FIGURES = ['calls', 'callTransactions', 'durationSeconds', 'connectSeconds', 'revenue', 'transcripts'] as const;

const NO_KEY: Readonly<Record<TotalsBy, string>> = {
  day: '(no start)',
  month: '(no start)',
  campaign: '(none)',
  result: '(none)',
  signal: '(none)',
};

export function totalsTitle({ account, timeZone, from, to, by }: Totals): string {
  return `${account}: calls by ${by}, ${from} to ${to}, days in ${timeZone}`;
}

/**
 * Returns one line per row, then the total. A line says that there are no calls in one or more days or months in a row.
 * With bars, each line has one that shows its part of the calls.
 */
export function totalsTable(totals: Totals, { withBars }: { withBars: boolean }): Parameters<Output['printTable']>[0] {
  const { by, rows, total } = totals;
  const most = Math.max(...rows.map(({ calls }) => calls));
  const barOf = ({ calls }: Figures): string[] =>
    withBars ? ['█'.repeat(Math.max(1, Math.round((BAR_WIDTH * calls) / most)))] : [];
  const lines = (isByTime(by) ? withGaps(totals, by) : rows).map((line) =>
    typeof line === 'string'
      ? [line, '0', '', '', '', '', '']
      : [line.key ?? NO_KEY[by], ...cellsOf(line), ...barOf(line)],
  );
  return {
    head: [by, 'calls', 'legs', 'seconds', 'connected', 'revenue', 'transcripts', ...(withBars ? [''] : [])],
    rows: [...lines, ['total', ...cellsOf(total)]].map((line) => (withBars && line.length < 8 ? [...line, ''] : line)),
    aligned: ['left', ...FIGURES.map(() => 'right' as const), ...(withBars ? (['left'] as const) : [])],
  };
}

/** Puts a text in the place of periods without calls: the period, or the first and the last of several in a row. */
function withGaps({ rows, ...days }: Totals, by: 'day' | 'month'): (TotalsRow | string)[] {
  const byKey = new Map(rows.map((row) => [row.key, row]));
  const lines: (TotalsRow | string)[] = [];
  let empty: string[] = [];
  const endGap = (): void => {
    const [first, last] = [empty[0], empty.at(-1)];
    if (first !== undefined) lines.push(first === last ? first : `${first} to ${last}`);
    empty = [];
  };
  for (const period of periodsOf(days, by)) {
    const row = byKey.get(period);
    if (row === undefined) empty.push(period);
    else {
      endGap();
      lines.push(row);
    }
  }
  endGap();
  const withoutStart = byKey.get(null);
  return withoutStart === undefined ? lines : [...lines, withoutStart];
}

function cellsOf(figures: Figures): string[] {
  return FIGURES.map((name) => {
    const figure = figures[name];
    return typeof figure === 'number' ? count(figure) : (figure ?? 'out of range');
  });
}

/** Yields a header line and one record per row, without the total. */
export function* totalsCsv({ rows }: Pick<Totals, 'rows'>): Generator<string, void, undefined> {
  yield csvLine(['key', ...FIGURES]);
  for (const row of rows) yield csvLine([row.key, ...FIGURES.map((name) => row[name])]);
}
