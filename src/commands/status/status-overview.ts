import { count } from '../../domain/count.js';
import { grouped } from '../../domain/grouped.js';
import { shownTime } from '../../domain/shown-times.js';
import type { AccountStatus } from '../../operations/account-status.js';
import type { Attention } from '../../domain/alerts/attention.js';
import type { StatusReport } from '../../operations/status.js';
import { roughDuration } from '../kit/text.js';
import { attentionLine, describeWorkers } from './status-text.js';

/** Number of accounts above which each has a line instead of a block. */
export const MANY_ACCOUNTS = 10;

/** Number of conditions with the same code that are shown. */
const SHOWN_OF_CODE = 5;

/** A table with one row for each account. */
export interface Overview {
  readonly head: string[];
  readonly rows: string[][];
}

/** Returns what needs a person in many accounts, code by code, the first few of each; empty if nothing does. */
export function attentionOverview(attention: readonly Attention[]): string {
  if (attention.length === 0) return '';
  const codes = [...grouped(attention, ({ code }) => code)].flatMap(([code, all]) => {
    const left = all.length - SHOWN_OF_CODE;
    const more = left > 0 ? [`  … and ${count(left)} more with ${code}: see --json, or --account NAME`] : [];
    return [...all.slice(0, SHOWN_OF_CODE).map(attentionLine), ...more];
  });
  return ['Needs a person:', ...codes].join('\n');
}

/** Returns one line about the queue of all accounts, as "workers  callweave: 2 workers"; empty if it is not known. */
export function sharedQueueLine({ statuses }: StatusReport): string {
  const [queue] = statuses[0]?.workers ?? [];
  return queue === undefined ? '' : describeWorkers(queue).join('  ');
}

/** Returns one row for each account: those that need a person first, then in the order of the settings. */
export function accountsOverview({ statuses, attention }: StatusReport, now: Date): Overview {
  const codes = grouped(attention, ({ account }) => account ?? '');
  const codesOf = ({ account }: AccountStatus): string =>
    [...new Set(codes.get(account)?.map(({ code }) => code))].join(', ');
  const first = statuses.filter((status) => codesOf(status) !== '');
  const others = statuses.filter((status) => codesOf(status) === '');
  return {
    head: [
      'account',
      'fresh',
      'calls',
      'pending',
      'rejects',
      'rate',
      'workers',
      'waiting',
      'next run',
      'needs a person',
    ],
    rows: [...first, ...others].map((status) => [...factsOf(status, now), codesOf(status)]),
  };
}

function factsOf(status: AccountStatus, now: Date): string[] {
  const { account, freshnessSeconds, calls, transcripts, rejects, hold, rate, workers, schedules } = status;
  const [, ofAccount] = workers;
  const [next] = schedules.flatMap(({ nextAt }) => nextAt ?? []).sort((a, b) => a.getTime() - b.getTime());
  return [
    account,
    freshnessSeconds === null ? 'never' : roughDuration(freshnessSeconds),
    calls === null ? '?' : count(calls),
    count(transcripts.pending ?? 0),
    count(rejects),
    hold === null ? `${Number(rate.current.toFixed(2))}/s` : `until ${shownTime(hold.until, now)}`,
    workers.length === 0 ? '?' : count(Math.min(...workers.map(({ pollers }) => pollers))),
    count(ofAccount?.backlog ?? 0),
    next === undefined ? '' : shownTime(next, now),
  ];
}
