import { type Collection, Decimal128, type Document } from 'mongodb';
import type { DecimalText } from '../../domain/call.js';
import { splitDays, type Days } from '../../domain/days/days.js';
import { dayEnd, dayStart } from '../../domain/days/zoned-days.js';
import {
  addFigures,
  type CountedGroup,
  type Figures,
  isByTime,
  periodsOf,
  totalsRows,
  type TotalsBy,
  type TotalsRow,
} from '../../domain/totals/totals.js';
import { type CallDocument, toDecimalText } from './call-document.js';
import { describing } from '../errors.js';

export interface TotalsRequest {
  readonly account: string;
  readonly days: Days;
  /** IANA zone of the days. */
  readonly timeZone: string;
  readonly by: TotalsBy;
}

export interface CallTotals {
  readonly rows: readonly TotalsRow[];
  /** The figures of all calls, each counted once. */
  readonly total: Figures;
}

/** A group as the server returns it. The server's sum of no numbers is 0, and no Decimal128. */
interface GroupDocument extends Omit<CountedGroup, 'key' | 'revenue'> {
  readonly _id: string | number | boolean | null;
  readonly revenue: Decimal128 | number;
}

const IS_AVAILABLE = { $eq: ['$transcript.status', 'available'] };
const IS_TRUE = { $eq: ['$$signal.value', true] };

const FIGURES = {
  // The stub of an erased call has no start, as other calls may, and no figures. It is no condition of the filter,
  // because for one that no index has the stand-in reads every call.
  calls: { $sum: { $cond: [{ $gt: ['$erasedAt', null] }, 0, 1] } },
  // Calls of Credira have no legs.
  callTransactions: { $sum: { $cond: [{ $isArray: '$legs' }, { $size: '$legs' }, 0] } },
  durationSeconds: { $sum: '$durationSeconds' },
  connectSeconds: { $sum: '$connectSeconds' },
  revenue: { $sum: '$revenue' },
  transcripts: { $sum: { $cond: [IS_AVAILABLE, 1, 0] } },
  newestStart: { $max: '$startedAt' },
} as const;

/** Adds up groups: the sum of each figure, and the newest of the starts. */
const FIGURES_OF_GROUPS = Object.fromEntries(
  Object.keys(FIGURES).map((name) => [name, { [name === 'newestStart' ? '$max' : '$sum']: `$${name}` }]),
);

/** The names of the call's true Signals, after a null that stands for the call itself. */
const ITSELF_AND_SIGNALS = {
  $concatArrays: [
    [null],
    {
      $map: {
        input: { $filter: { input: { $ifNull: ['$signals', []] }, as: 'signal', cond: IS_TRUE } },
        as: 'signal',
        in: '$$signal.name',
      },
    },
  ],
};

/** Days that one aggregation adds up: a connection may be silent for a minute only. */
const DAYS_AT_ONCE = 7;

/**
 * Adds up the account's calls that started on the days, and those without a known start. No call leaves the server, and
 * memory grows with the number of keys, not of calls.
 */
export async function countTotals(calls: Collection<CallDocument>, request: TotalsRequest): Promise<CallTotals> {
  const { account, days, timeZone, by } = request;
  const counted = await countGroups(calls, { request, startedAt: null });
  for (const part of splitDays({ ...days, windowDays: DAYS_AT_ONCE })) {
    const startedAt = { $gte: dayStart(part.from, timeZone), $lt: dayEnd(part.to, timeZone) };
    counted.push(...(await countGroups(calls, { request: { account, days: part, timeZone, by }, startedAt })));
  }
  if (by !== 'signal') {
    const rows = totalsRows(counted, by);
    return { rows, total: addFigures(rows) };
  }
  // A call has several Signals, or none, so the rows do not add up to the total.
  const [total, names] = [counted.filter(({ key }) => key === null), counted.filter(({ key }) => key !== null)];
  return { rows: totalsRows(names, by), total: addFigures(total) };
}

async function countGroups(
  calls: Collection<CallDocument>,
  { request, startedAt }: { request: TotalsRequest; startedAt: Document | null },
): Promise<CountedGroup[]> {
  const { account, days } = request;
  const filter = { $match: { account, startedAt } };
  const groups = await describing(
    `calls: adding up the calls of account ${account} from ${days.from} to ${days.to}`,
    () => calls.aggregate<GroupDocument>([filter, ...groupStages(request)], { allowDiskUse: true }).toArray(),
  );
  return groups.map(countedGroup).filter((group) => group.calls > 0);
}

/**
 * Groups by one stage after the filter, so that no server copies a call for each of its Signals. Calls with the same
 * Signals are one group until their number is small.
 */
function groupStages(request: TotalsRequest): Document[] {
  const grouped = { $group: { _id: keyOf(request), ...FIGURES } };
  if (request.by !== 'signal') return [grouped];
  return [grouped, { $unwind: '$_id' }, { $group: { _id: '$_id', ...FIGURES_OF_GROUPS } }];
}

function keyOf({ days, timeZone, by }: TotalsRequest): unknown {
  if (isByTime(by)) return periodOf({ days, timeZone, by });
  const keys = {
    campaign: '$columns.advertiser_campaign_name',
    result: '$result',
    signal: ITSELF_AND_SIGNALS,
  } as const;
  return { $ifNull: [keys[by], null] };
}

/**
 * Returns the expression that finds the period of a call by bisection. Its days begin when those of a backfill do,
 * whatever the server knows of time zones.
 */
function periodOf({ days, timeZone, by }: Omit<TotalsRequest, 'account'> & { by: 'day' | 'month' }): unknown {
  const periods = periodsOf(days, by).map((key) => ({
    key,
    start: dayStart(by === 'day' ? key : `${key}-01`, timeZone),
  }));
  const find = (from: number, to: number): unknown => {
    if (to - from <= 1) return periods[from]?.key ?? null;
    const middle = Math.floor((from + to) / 2);
    return {
      $cond: [{ $lt: ['$startedAt', periods[middle]?.start] }, find(from, middle), find(middle, to)],
    };
  };
  return { $cond: [{ $gt: ['$startedAt', null] }, find(0, periods.length), null] };
}

function countedGroup({ _id, revenue, ...figures }: GroupDocument): CountedGroup {
  return { ...figures, key: _id === null ? null : String(_id), revenue: revenueText(revenue) };
}

function revenueText(sum: Decimal128 | number): DecimalText | null {
  if (!(sum instanceof Decimal128)) return String(sum);
  return /^-?\d/.test(sum.toString()) ? toDecimalText(sum) : null;
}
