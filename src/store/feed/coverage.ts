import type { Collection, Db } from 'mongodb';
import { daysOf, type Days } from '../../domain/days/days.js';
import { dayEnd, dayStart } from '../../domain/days/zoned-days.js';
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

/** One of the asked days. */
interface AskedDay extends Omit<AskedDays, 'days'> {
  readonly day: string;
}

interface DayCount {
  readonly calls: number;
  readonly rows: number;
}

interface IndexedCount extends DayCount {
  /** Number of calls of earlier versions, which lack their number of rows. */
  readonly uncounted: number;
}

/** Days counted at once: a count mostly waits for the server, which reads only an index. */
const COUNTS_AT_ONCE = 4;
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

  async #counts({ account, days, timeZone }: AskedDays): Promise<Map<string, DayCount>> {
    const counts = new Map<string, DayCount>();
    const left = daysOf(days).values();
    const countInTurn = async (): Promise<void> => {
      for (const day of left) counts.set(day, await this.#count({ account, day, timeZone }));
    };
    await Promise.all(Array.from({ length: COUNTS_AT_ONCE }, countInTurn));
    return counts;
  }

  /** Counts one day: one range of an index, without an expression that assigns each call to a day. */
  async #count(asked: AskedDay): Promise<DayCount> {
    const [counted] = await describing(`calls: counting the calls of account ${asked.account} on ${asked.day}`, () =>
      this.#calls
        .aggregate<IndexedCount>([
          { $match: callsOf(asked) },
          {
            $group: {
              _id: null,
              calls: { $sum: 1 },
              rows: { $sum: '$rowCount' },
              uncounted: { $sum: { $cond: [{ $gt: ['$rowCount', null] }, 0, 1] } },
            },
          },
        ])
        .toArray(),
    );
    if (counted === undefined) return NOTHING;
    const { calls, rows, uncounted } = counted;
    return { calls, rows: uncounted === 0 ? rows : rows + (await this.#countRows(asked)) };
  }

  /** Counts the rows of a day's calls that lack their number of rows, by reading the calls. */
  async #countRows(asked: AskedDay): Promise<number> {
    const size = { $size: { $ifNull: ['$transactions', []] } };
    const [counted] = await describing(`calls: counting rows of account ${asked.account} on ${asked.day}`, () =>
      this.#calls
        .aggregate<{ rows: number }>([
          { $match: { ...callsOf(asked), rowCount: null } },
          { $group: { _id: null, rows: { $sum: size } } },
        ])
        .toArray(),
    );
    return counted?.rows ?? 0;
  }
}

/** Returns a filter to the calls that began on the day; to none if the zone skips the day. */
function callsOf({ account, day, timeZone }: AskedDay) {
  return { account, startedAt: { $gte: dayStart(day, timeZone), $lt: dayEnd(day, timeZone) } };
}

function stateOf(input: { day: string; evidence: Evidence; calls: number }): DayCoverage['state'] {
  const { day, evidence, calls } = input;
  if (isComplete(day, evidence)) return 'complete';
  return calls > 0 || isBegun(day, evidence) ? 'partial' : 'never';
}
