/** Counts of the ids that webhooks name. An id that is named again while it waits counts in `received` only. */
export interface NudgeCounts {
  /** Ids that came in, each time they were named. */
  readonly received: number;
  /** Ids whose call was read again. */
  readonly read: number;
  /** Ids that were left to the drain because too many waited. */
  readonly dropped: number;
  /** Ids that the source did not show when last asked: they wait for another look, or are left to the drain. */
  readonly notShown: number;
  /** Ids whose call could not be read, for a reason that lasts. */
  readonly failed: number;
}

/** Counts since the last note. `notShown` may be negative, if calls have appeared. */
export interface NudgeNews extends NudgeCounts {
  /** Ids that the source did not show when they were asked for the first time; never goes down. */
  readonly missed: number;
}

/** Counts to add to those of an account, once even if they are sent twice. */
export interface NudgeNote {
  readonly account: string;
  /** Id of the first run of the workflow that counted. */
  readonly writer: string;
  /** Number of the note among those of its writer. */
  readonly number: number;
  readonly news: NudgeNews;
  /** ISO instant of the last webhook; null if none came. */
  readonly lastAt: string | null;
}

export const NO_NEWS: NudgeNews = { received: 0, read: 0, dropped: 0, notShown: 0, failed: 0, missed: 0 };

export function addNews(news: NudgeNews, more: Partial<NudgeNews>, times: 1 | -1 = 1): NudgeNews {
  const sum = (name: keyof NudgeNews): number => news[name] + times * (more[name] ?? 0);
  return {
    received: sum('received'),
    read: sum('read'),
    dropped: sum('dropped'),
    notShown: sum('notShown'),
    failed: sum('failed'),
    missed: sum('missed'),
  };
}
