import { type Collection, Decimal128, type Document } from 'mongodb';
import type { DecimalText } from '../../domain/call.js';
import type { Days } from '../../domain/days/days.js';
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
  calls: { $sum: 1 },
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

/**
 * Adds up the account's calls that started on the days, and those without a known start, by one aggregation. Memory
 * grows with the number of keys, not of calls.
 */
export async function countTotals(calls: Collection<CallDocument>, request: TotalsRequest): Promise<CallTotals> {
  const { account, days, by } = request;
  const groups = await describing(
    `calls: adding up the calls of account ${account} from ${days.from} to ${days.to}`,
    () =>
      calls
        .aggregate<GroupDocument>([{ $match: filterOf(request) }, ...groupStages(request)], { allowDiskUse: true })
        .toArray(),
  );
  const counted = groups.map(countedGroup);
  if (by !== 'signal') {
    const rows = totalsRows(counted, by);
    return { rows, total: addFigures(rows) };
  }
  // A call has several Signals, or none, so the rows do not add up to the total.
  const rows = totalsRows(
    counted.filter(({ key }) => key !== null),
    by,
  );
  return { rows, total: addFigures(counted.filter(({ key }) => key === null)) };
}

/** Leaves out the stubs of erased calls, which have no start either. */
function filterOf({ account, days, timeZone }: TotalsRequest): Document {
  const startedAt = { $gte: dayStart(days.from, timeZone), $lt: dayEnd(days.to, timeZone) };
  return { account, erasedAt: null, $or: [{ startedAt }, { startedAt: null }] };
}

/**
 * Groups by one stage after the filter, before anything that copies documents: the development stand-in holds all
 * copies in memory. Calls with the same Signals are one group until their number is small.
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
