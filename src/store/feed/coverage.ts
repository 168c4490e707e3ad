import type { Collection, Db } from 'mongodb';
import { daysOf, splitDays, type Days } from '../../domain/days/days.js';
import { dayEnd, dayOf, dayStart } from '../../domain/days/zoned-days.js';
import type { CallDocument } from '../calls/call-document.js';
import type { CheckpointStore } from './checkpoints.js';
import { isBegun, isComplete, type Evidence } from './day-evidence.js';
import { describing } from '../errors.js';

/** The part of a day that is stored. */
export interface DayCoverage {
  readonly day: string;
  /** `complete`: every call is stored. `partial`: something was read, or is stored. `never`: nothing is. */
  readonly state: 'complete' | 'partial' | 'never';
  /** Number of transactions of the calls that began on the day. */
  readonly rows: number;
  readonly calls: number;
}

interface AskedDays {
  readonly account: string;
  readonly days: Days;
  /** IANA zone of the token. */
  readonly timeZone: string;
}

interface DayCount {
  readonly calls: number;
  readonly rows: number;
}

interface IndexedCount extends DayCount {
  /** Start of the day. */
  readonly _id: Date;
  /** Number of calls of earlier versions, which lack their number of rows. */
  readonly uncounted: number;
}

/** Days in one count. It reads only an index, in well under the time a connection may be silent. */
const DAYS_PER_COUNT = 31;
const NOTHING: DayCount = { calls: 0, rows: 0 };

/** Reports which of an account's days are stored. */
export class CoverageStore {
  readonly #calls: Collection<CallDocument>;
  readonly #checkpoints: CheckpointStore;

  constructor(db: Db, checkpoints: CheckpointStore) {
    this.#calls = db.collection('calls');
    this.#checkpoints = checkpoints;
  }

  /** Returns the coverage of each day, oldest first. */
  async days(asked: AskedDays): Promise<DayCoverage[]> {
    const evidence = await this.#evidence(asked);
    const counts = await this.#counts(asked);
    return daysOf(asked.days).map((day) => {
      const count = counts.get(day) ?? NOTHING;
      return { day, state: stateOf({ day, evidence, calls: count.calls }), rows: count.rows, calls: count.calls };
    });
  }

  /** Returns the days that are complete, oldest first. Reads only checkpoints, never calls. */
  async completeDays(asked: AskedDays): Promise<string[]> {
    const evidence = await this.#evidence(asked);
    return daysOf(asked.days).filter((day) => isComplete(day, evidence));
  }

  async #evidence({ account, days, timeZone }: AskedDays): Promise<Evidence> {
    const [daysStreams, live] = await Promise.all([
      this.#checkpoints.listDaysStreams({ account, days }),
      this.#checkpoints.readLive(account),
    ]);
    return { daysStreams, live, timeZone };
  }

  async #counts(asked: AskedDays): Promise<Map<string, DayCount>> {
    const counts = new Map<string, DayCount>();
    for (const part of splitDays({ ...asked.days, windowDays: DAYS_PER_COUNT })) {
      for (const [day, count] of await this.#countsWithin({ ...asked, days: part })) counts.set(day, count);
    }
    return counts;
  }

  async #countsWithin({ account, days, timeZone }: AskedDays): Promise<[string, DayCount][]> {
    const { from, to } = days;
    const startedAt = { $gte: dayStart(from, timeZone), $lt: dayEnd(to, timeZone) };
    const isCounted = { $gt: ['$rowCount', null] };
    const groups = await describing(`calls: counting the calls of account ${account} from ${from} to ${to}`, () =>
      this.#calls
        .aggregate<IndexedCount>([
          { $match: { account, startedAt } },
          {
            $bucket: {
              groupBy: '$startedAt',
              boundaries: boundariesOf({ days, timeZone }),
              output: {
                calls: { $sum: 1 },
                rows: { $sum: '$rowCount' },
                uncounted: { $sum: { $cond: [isCounted, 0, 1] } },
              },
            },
          },
        ])
        .toArray(),
    );
    const counts: [string, DayCount][] = [];
    for (const { _id, calls, rows, uncounted } of groups) {
      const day = dayOf(_id, timeZone);
      const others = uncounted === 0 ? 0 : await this.#countRows({ account, day, timeZone });
      counts.push([day, { calls, rows: rows + others }]);
    }
    return counts;
  }

  /** Counts the rows of a day's calls that lack their number of rows, by reading the calls. */
  async #countRows({ account, day, timeZone }: { account: string; day: string; timeZone: string }): Promise<number> {
    const startedAt = { $gte: dayStart(day, timeZone), $lt: dayEnd(day, timeZone) };
    const size = { $size: { $ifNull: ['$transactions', []] } };
    const [counted] = await describing(`calls: counting rows of account ${account} on ${day}`, () =>
      this.#calls
        .aggregate<{ rows: number }>([
          { $match: { account, startedAt, rowCount: null } },
          { $group: { _id: null, rows: { $sum: size } } },
        ])
        .toArray(),
    );
    return counted?.rows ?? 0;
  }
}

/** Returns the starts of the days and the end of the last. A day that the zone skips starts when the next one does. */
function boundariesOf({ days, timeZone }: Pick<AskedDays, 'days' | 'timeZone'>): Date[] {
  const starts = daysOf(days).map((day) => dayStart(day, timeZone).getTime());
  return [...new Set([...starts, dayEnd(days.to, timeZone).getTime()])].map((startMs) => new Date(startMs));
}

function stateOf(input: { day: string; evidence: Evidence; calls: number }): DayCoverage['state'] {
  const { day, evidence, calls } = input;
  if (isComplete(day, evidence)) return 'complete';
  return calls > 0 || isBegun(day, evidence) ? 'partial' : 'never';
}
