import prettyMilliseconds from 'pretty-ms';
import { transcriptCountsLine } from '../domain/transcript-counts.js';
import type { Backfill } from '../temporal/backfills.js';
import { outcomeLine } from './backfill-text.js';
import type { ShownSchedule } from './schedule.js';
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
  if (lastDrain?.state === 'failed')
    lines.push(
      `${account}: the last ${status.invoices === null ? 'drain' : 'sync'} failed: ${lastDrain.failure ?? 'unknown'}`,
    );
  for (const { scheduleId, state } of schedules) {
    if (state === 'missing')
      lines.push(`${account}: there is no schedule ${scheduleId}; run \`callweave schedule apply\``);
    if (state === 'paused') lines.push(`${account}: the schedule ${scheduleId} is paused`);
  }
  for (const { workflowId, state, failure } of status.backfills) {
    if (state === 'failed') lines.push(`${account}: ${workflowId} failed: ${failure ?? 'unknown'}`);
    if (state === 'paused') lines.push(`${account}: ${workflowId} is paused`);
  }
  // Invoices are asked about when they are due, which may be long after the last one.
  if (status.invoices === null && freshnessSeconds !== null && freshnessSeconds > LATE_AFTER_INTERVALS * pollSeconds) {
    lines.push(`${account}: not caught up for ${duration(freshnessSeconds)}; is a worker running?`);
  }
  const { paused } = status.transcriptLooks;
  if (paused !== null) lines.push(`${account}: transcripts are paused: ${paused.reason ?? 'unknown'}`);
  const { zoneMismatch: zone } = status;
  if (zone !== null) {
    lines.push(
      `${account}: rows have the offset ${zone.statedOffset} where ${zone.timeZone} has ${zone.expectedOffset}: ` +
        'INVOCA_TIME_ZONE must be the zone the token was made in',
    );
  }
  if (rejects > 0) lines.push(`${account}: ${count(rejects)} rows could not be read: see \`callweave rejects list\``);
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
    ['fresh', describeFreshness(status)],
    ['calls', describeCalls(status)],
    ...describePlace(status),
    ['transcripts', describeTranscripts(status)],
    ['', describeLooks(status)],
    ['rejects', count(status.rejects)],
    ['hold', status.hold === null ? 'none' : `until ${status.hold.until.toISOString()}: ${status.hold.reason}`],
    ['rate', describeRate(status)],
    ...status.backfills.map(describeBackfill),
    ...status.schedules.map(describeSchedule),
  ];
  const width = Math.max(...fields.map(([name]) => name.length)) + 2;
  const lines = fields.filter(([, value]) => value !== '').map(([name, value]) => `  ${name.padEnd(width)}${value}`);
  return [`${status.account} (${status.source})`, ...lines].join('\n');
}

function describeFreshness({ freshnessSeconds, invoices }: AccountStatus): string {
  if (invoices !== null) {
    return freshnessSeconds === null ? 'never asked yet' : `last asked ${duration(freshnessSeconds)} ago`;
  }
  return freshnessSeconds === null ? 'never caught up yet' : `caught up ${duration(freshnessSeconds)} ago`;
}

function describeCalls({ calls, newestCallAt }: AccountStatus): string {
  return `${count(calls)}${newestCallAt === null ? '' : `, newest ${newestCallAt.toISOString()}`}`;
}

function describeTranscripts({ transcripts }: AccountStatus): string {
  return transcriptCountsLine(transcripts) || 'none';
}

function describeLooks({ transcriptLooks }: AccountStatus): string {
  const {
    dueNow,
    oldestPendingAt,
    unknownShape,
    analysesToCome,
    observedDelaySeconds: delay,
    paused,
  } = transcriptLooks;
  const parts = [
    ...(dueNow > 0 ? [`${count(dueNow)} due now`] : []),
    ...(oldestPendingAt === null ? [] : [`oldest pending from ${oldestPendingAt.toISOString()}`]),
    ...(delay === null ? [] : [`fetched ${duration(delay.p50)} after the call (p50), ${duration(delay.p95)} (p95)`]),
    ...(analysesToCome > 0 ? [`${count(analysesToCome)} without their analysis yet`] : []),
    ...(unknownShape > 0 ? [`${count(unknownShape)} of unknown shape`] : []),
    ...(paused === null ? [] : [`paused until ${paused.until.toISOString()}: ${paused.reason ?? 'unknown'}`]),
  ];
  return parts.join('; ');
}

function describeSchedule({ scheduleId, state, nextAt }: ShownSchedule): [string, string] {
  const next = nextAt === null || state !== 'active' ? '' : `, next ${nextAt.toISOString()}`;
  return ['schedule', `${scheduleId} ${state}${next}`];
}

function describeBackfill(backfill: Backfill): [string, string] {
  return ['backfill', `${backfill.workflowId} ${backfill.state}: ${outcomeLine(backfill)}`];
}

function describePlace(status: AccountStatus): [string, string][] {
  const { invoices, cursor, lastPageAt } = status;
  if (invoices !== null) {
    return [
      ['invoices', describeInvoices(invoices)],
      ['last sync', describeDrain(status)],
    ];
  }
  return [
    ['cursor', cursor ?? 'the start of the feed'],
    ['last page', lastPageAt?.toISOString() ?? 'none yet'],
    ['last drain', describeDrain(status)],
  ];
}

function describeInvoices({ tracked, dueNow, byOutcome }: NonNullable<AccountStatus['invoices']>): string {
  const { unknown = 0, refused = 0 } = byOutcome;
  const parts = [
    `${count(tracked)} tracked`,
    `${count(dueNow)} due now`,
    ...(unknown > 0 ? [`${count(unknown)} unknown`] : []),
    ...(refused > 0 ? [`${count(refused)} refused`] : []),
  ];
  return parts.join(', ');
}

function describeDrain({ lastDrain }: AccountStatus): string {
  if (lastDrain === null) return 'none yet';
  const { state, startedAt, failure } = lastDrain;
  return `${state}, started ${startedAt.toISOString()}${failure === null ? '' : `: ${failure}`}`;
}

function describeRate({ rate: { current, ceiling } }: AccountStatus): string {
  const whole = `${ceiling} requests a second`;
  return current === ceiling ? whole : `${Number(current.toFixed(3))} of ${whole}, since the last hold`;
}

function duration(seconds: number): string {
  return prettyMilliseconds(seconds * 1_000, { unitCount: 2 });
}

function count(amount: number): string {
  return amount.toLocaleString('en-US');
}
