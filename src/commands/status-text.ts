import prettyMilliseconds from 'pretty-ms';
import type { AccountStatus } from './status.js';

/** A live drain that has not caught up for this many poll intervals is late. */
const LATE_AFTER_INTERVALS = 3;

export interface StatusReport {
  readonly statuses: readonly AccountStatus[];
  readonly attention: readonly string[];
}

/** What needs a person, one line each. */
export function attentionOf(status: AccountStatus): string[] {
  const { account, lastDrain, schedules, freshnessSeconds, pollSeconds, rejects } = status;
  const lines: string[] = [];
  if (lastDrain?.state === 'failed') lines.push(`${account}: the last drain failed: ${lastDrain.failure ?? 'unknown'}`);
  for (const { scheduleId, state } of schedules) {
    if (state === 'missing')
      lines.push(`${account}: there is no schedule ${scheduleId}; run \`callweave schedule apply\``);
    if (state === 'paused') lines.push(`${account}: the schedule ${scheduleId} is paused`);
  }
  if (freshnessSeconds !== null && freshnessSeconds > LATE_AFTER_INTERVALS * pollSeconds) {
    lines.push(`${account}: not caught up for ${duration(freshnessSeconds)}; is a worker running?`);
  }
  if (rejects > 0) lines.push(`${account}: ${count(rejects)} rows could not be read (\`callweave rejects list\`)`);
  return lines;
}

/** The report for a person. */
export function statusText({ statuses, attention }: StatusReport): string {
  const blocks = statuses.map(accountBlock);
  const needs = attention.length === 0 ? [] : [['Needs a person:', ...attention.map((line) => `  ${line}`)].join('\n')];
  return [...blocks, ...needs].join('\n\n');
}

function accountBlock(status: AccountStatus): string {
  const fields: [string, string][] = [
    [
      'fresh',
      status.freshnessSeconds === null ? 'never caught up yet' : `caught up ${duration(status.freshnessSeconds)} ago`,
    ],
    [
      'calls',
      `${count(status.calls)}${status.newestCallAt === null ? '' : `, newest ${status.newestCallAt.toISOString()}`}`,
    ],
    ['cursor', status.cursor ?? 'the start of the feed'],
    ['last page', status.lastPageAt?.toISOString() ?? 'none yet'],
    ['last drain', describeDrain(status)],
    [
      'transcripts',
      Object.entries(status.transcripts)
        .map(([state, calls]) => `${count(calls)} ${state}`)
        .join(', ') || 'none',
    ],
    ['rejects', count(status.rejects)],
    ['hold', status.hold === null ? 'none' : `until ${status.hold.until.toISOString()}: ${status.hold.reason}`],
    ...status.schedules.map(({ scheduleId, state, nextAt }): [string, string] => [
      'schedule',
      `${scheduleId} ${state}${nextAt === null || state !== 'active' ? '' : `, next ${nextAt.toISOString()}`}`,
    ]),
  ];
  const width = Math.max(...fields.map(([name]) => name.length)) + 2;
  return [
    `${status.account} (${status.source})`,
    ...fields.map(([name, value]) => `  ${name.padEnd(width)}${value}`),
  ].join('\n');
}

function describeDrain({ lastDrain }: AccountStatus): string {
  if (lastDrain === null) return 'none yet';
  const { state, startedAt, failure } = lastDrain;
  return `${state}, started ${startedAt.toISOString()}${failure === null ? '' : `: ${failure}`}`;
}

function duration(seconds: number): string {
  return prettyMilliseconds(seconds * 1_000, { unitCount: 2 });
}

function count(amount: number): string {
  return amount.toLocaleString('en-US');
}
