import { startOf } from '../../domain/invoca/call-values.js';
import type { DayProbe } from '../../domain/days/probe-days.js';
import { firstTranscriptState } from '../../domain/transcripts/transcript.js';
import { dayEnd, dayStart } from '../../domain/days/zoned-days.js';
import type { TransactionPage } from '../../sources/transaction-page.js';
import { requireAccount, type ActivityDependencies, type FeedAccount } from '../dependencies.js';
import { checkZones } from '../feed/check-zones.js';
import { askSource, type AskInput } from '../requests/ask-source.js';
import { fetchSomeRows } from '../requests/fetch-page.js';
import { onTooMuch } from '../requests/page-limit.js';
import type { WaitResult } from '../requests/account-hold.js';

export interface ProbeDayInput extends AskInput {
  readonly day: string;
  /** Rows to ask for, at most the account's own limit; null for that limit. */
  readonly limit: number | null;
}

/** `shrink`: the next request must ask for `limit` rows. `wait`: the next request must wait. */
export type ProbeDayResult =
  | { readonly outcome: 'probed'; readonly probe: DayProbe }
  | { readonly outcome: 'shrink'; readonly limit: number }
  | WaitResult;

/** Smallest share of its day that a full page is taken to cover: its rows need not be sorted by start. */
const SMALLEST_SHARE = 0.001;

/** Asks for one page of a day's rows and counts them. Makes one request at most. Writes none of the rows. */
export async function probeDay(deps: ActivityDependencies, input: ProbeDayInput): Promise<ProbeDayResult> {
  const feed = requireAccount(deps.feeds, input.account);
  const limit = Math.min(input.limit ?? feed.pageLimit, feed.pageLimit);
  const { day } = input;
  const rows = { cursor: null, limit, days: { from: day, to: day } };
  return askSource(
    { deps, input, request: (signal, room) => fetchSomeRows(feed, { ...rows, signal, room }) },
    {
      answered: async (page): Promise<ProbeDayResult> => {
        const requestMs = deps.now().getTime() - page.requestedAt.getTime();
        await checkZones(deps, feed, page);
        return { outcome: 'probed', probe: await probeOf({ deps, feed, page, day, limit, requestMs }) };
      },
      failed: onTooMuch(limit, (fewer) => ({ outcome: 'shrink', limit: fewer })),
    },
  );
}

interface ReadDay {
  readonly deps: ActivityDependencies;
  readonly feed: FeedAccount;
  readonly page: TransactionPage;
  readonly day: string;
  readonly limit: number;
  readonly requestMs: number;
}

async function probeOf(read: ReadDay): Promise<DayProbe> {
  const { deps, feed, page, day, limit, requestMs } = read;
  const startedAt = new Map(page.transactions.map(({ callId, transaction }) => [callId, startOf(transaction.columns)]));
  const stored = await deps.store.calls.stored({ account: feed.name, callIds: [...startedAt.keys()] });
  const createdAt = deps.now();
  const isLookedFor = ([callId, start]: readonly [string, Date | null]): boolean =>
    !stored.has(callId) &&
    firstTranscriptState({ startedAt: start, durationSeconds: null, createdAt, policy: feed.transcripts }).status ===
      'pending';
  return {
    day,
    limit,
    rows: page.rowCount,
    calls: startedAt.size,
    transcripts: [...startedAt].filter(isLookedFor).length,
    share: page.rowCount < limit ? 1 : shareOf(read, [...startedAt.values()]),
    requestMs,
  };
}

/** Computes the share of its day that a full page covers, because rows come by the start of their call. */
function shareOf({ feed, day }: ReadDay, starts: readonly (Date | null)[]): number {
  if (feed.timeZone === null) return 1;
  const fromMs = dayStart(day, feed.timeZone).getTime();
  const lastMs = starts.reduce((last, start) => Math.max(last, start?.getTime() ?? last), fromMs);
  const share = (lastMs - fromMs) / (dayEnd(day, feed.timeZone).getTime() - fromMs);
  return Math.min(1, Math.max(SMALLEST_SHARE, share));
}
