import { count } from '../../domain/count.js';
import { dayOf } from '../../domain/days/zoned-days.js';
import { gapsOf, type Gap } from '../../operations/coverage-gaps.js';
import type { DayCoverage } from '../../store/feed/coverage.js';

type State = DayCoverage['state'];

export interface CoverageReport {
  readonly account: string;
  readonly timeZone: string;
  readonly now: Date;
  /** Consecutive days, oldest first; at least one. */
  readonly days: readonly DayCoverage[];
}

const MARKS: Readonly<Record<State, string>> = { complete: '█', partial: '▒', never: '·' };
const WORDS: Readonly<Record<State, string>> = { complete: 'complete', partial: 'partial', never: 'never read' };
const STATES: readonly State[] = ['complete', 'partial', 'never'];
/** Days of the month, above the marks. */
const RULER = `${' '.repeat(9)}1   5    10   15   20   25   30`;
const MOST_GAPS_SHOWN = 20;

/** Returns a calendar with one line per month, the totals, and the days that are not complete. */
export function coverageText(report: CoverageReport): string {
  const { account, timeZone, days } = report;
  return [
    `${account}: days in ${timeZone}`,
    '',
    RULER,
    ...monthLines(days),
    '',
    STATES.map((state) => `${MARKS[state]} ${WORDS[state]}`).join('   '),
    '',
    ...STATES.flatMap((state) => totalLine(days, state)),
    ...gapLines(report),
  ].join('\n');
}

function monthLines(days: readonly DayCoverage[]): string[] {
  const lines = new Map<string, string>();
  for (const { day, state } of days) {
    const month = day.slice(0, 7);
    const sofar = lines.get(month) ?? ' '.repeat(Number(day.slice(8)) - 1);
    lines.set(month, sofar + MARKS[state]);
  }
  return [...lines].map(([month, marks]) => `${month}  ${marks}`);
}

function totalLine(days: readonly DayCoverage[], state: State): string[] {
  const ofState = days.filter((day) => day.state === state);
  if (ofState.length === 0) return [];
  const calls = ofState.reduce((sum, day) => sum + day.calls, 0);
  const rows = ofState.reduce((sum, day) => sum + day.rows, 0);
  const stored = state === 'never' ? '' : `: ${count(calls, 'call')}, ${count(rows, 'row')}`;
  return [`${count(ofState.length, 'day')} ${WORDS[state]}${stored}`];
}

function gapLines({ timeZone, now, days }: CoverageReport): string[] {
  const today = dayOf(now, timeZone);
  const gaps = gapsOf(days, today);
  if (gaps.length === 0) return [];
  const shown = gaps.slice(0, MOST_GAPS_SHOWN).map(({ from, to, state, calls }) => {
    const range = from === to ? from : `${from} to ${to}`;
    const stored = state === 'partial' ? `, ${count(calls, 'call')} stored` : '';
    return `  ${range.padEnd(24)}  ${WORDS[state]}${stored}${from === today ? ', today is not over' : ''}`;
  });
  const more = gaps.length - shown.length;
  return [
    '',
    'Not complete:',
    ...shown,
    ...(more > 0 ? [`  and ${count(more, 'more range')}`] : []),
    ...backfillLines(gaps.filter(({ from }) => from !== today)),
  ];
}

function backfillLines(gaps: readonly Gap[]): string[] {
  const [first, last] = [gaps[0], gaps.at(-1)];
  if (first === undefined || last === undefined) return [];
  const command = `callweave backfill --from ${first.from} --to ${last.to}`;
  return ['', `\`${command}\` reads only the days that are not complete.`];
}
