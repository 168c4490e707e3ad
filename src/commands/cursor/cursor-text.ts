import { count } from '../../domain/count.js';
import type { CursorCheck, CursorGap } from '../../store/feed/checkpoint-types.js';
import type { CursorPlan } from '../../operations/cursor/plan-move.js';
import type { PassedPlace, ShownCursor } from '../../operations/cursor/show-cursor.js';
import { aligned, section, type Field } from '../kit/text.js';

/** Returns the state of a stream as text. */
export function cursorText(shown: ShownCursor): string {
  const { stream, cursor, seq, totals, pageLimit, lastPageAt, caughtUpAt, cursorCheck, gaps, changes } = shown;
  const fields: Field[] = [
    ['cursor', placeText(cursor)],
    ['seq', count(seq)],
    ['read so far', `${count(totals.pages, 'page')}, ${count(totals.rows, 'row')}`],
    ['page limit', count(pageLimit)],
    ['last page', lastPageAt?.toISOString() ?? 'none yet'],
    ['caught up', caughtUpAt?.toISOString() ?? 'never yet'],
    ...(cursorCheck?.cursor === cursor ? [checkField(cursorCheck)] : []),
    ['moved', changes === 0 ? 'never' : `${count(changes, 'time')}, see \`callweave cursor history\``],
    ...gaps.map((gap): Field => ['gap', gapText(gap)]),
  ];
  return section(stream, aligned(fields)).join('\n');
}

/** Returns a table of the places passed. */
export function historyTable(places: readonly PassedPlace[]): { head: string[]; rows: string[][] } {
  return {
    head: ['time', 'cursor', 'rows', 'moved by hand'],
    rows: places.map(({ at, cursor, rows, moved }) => [
      at.toISOString(),
      placeText(cursor),
      moved === null ? count(rows) : '',
      moved === null ? '' : `from ${placeText(moved.from)} by ${moved.by ?? 'an unknown person'}: ${moved.reason}`,
    ]),
  };
}

/** Returns the moves that were made, or that `--dry-run` would make. */
export function planText({ plan, isDryRun }: { plan: CursorPlan; isDryRun: boolean }): string {
  const { stream, from, to, gap, again } = plan;
  const will = isDryRun ? 'would be' : 'will be';
  return [
    `${stream}: ${placeText(from)} -> ${placeText(to)}`,
    ...(again.pages === 0
      ? []
      : [`  at most ${count(again.pages, 'page')}, ${count(again.rows, 'row')} ${will} read again`]),
    ...(gap === null ? [] : [`  gap: ${gapText(gap)}`]),
    ...(isDryRun ? ['  nothing was changed (--dry-run)'] : []),
  ].join('\n');
}

function placeText(cursor: string | null): string {
  return cursor ?? 'the start of the feed';
}

function gapText({ from, to }: CursorGap): string {
  return `rows first shown from ${from?.toISOString() ?? 'the beginning'} to ${to.toISOString()} may be missing`;
}

function checkField({ at, isKnown }: CursorCheck): Field {
  return ['checked', `${at.toISOString()}: the source ${isKnown ? 'knows it' : 'does not know it'}`];
}
