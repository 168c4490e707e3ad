import type { Attention } from '../../domain/alerts/attention.js';
import { transcriptCountsLine } from '../../domain/transcripts/transcript.js';
import { count } from '../../domain/count.js';
import { secondText } from '../../domain/shown-times.js';
import type { Backfill } from '../../temporal/runs/backfills.js';
import type { AccountStatus } from '../../operations/account-status.js';
import type { ShownSchedule } from '../../operations/schedules.js';
import type { StatusReport } from '../../operations/status.js';
import type { ShownWait } from '../../operations/waits.js';
import type { QueueWorkers } from '../../temporal/server/task-queues.js';
import { outcomeLine } from '../backfill/backfill-text.js';
import { aligned, roughDuration, section, type Field } from '../kit/text.js';

/** Returns the report as text, with a block for each account. */
export function statusText({ statuses, attention }: StatusReport): string {
  const blocks = statuses.map(accountBlock);
  const needs = attention.length === 0 ? [] : [['Needs a person:', ...attention.map(attentionLine)].join('\n')];
  return [...blocks, ...needs].join('\n\n');
}

/** Returns one line, as "  invoca: late: not caught up since …". */
export function attentionLine({ account, code, message, since }: Attention): string {
  const noted = since === null ? '' : ` (since ${secondText(since)})`;
  return `  ${account === null ? '' : `${account}: `}${code}: ${message}${noted}`;
}

function accountBlock(status: AccountStatus): string {
  const fields: Field[] = [
    ['fresh', describeFreshness(status)],
    ['calls', describeCalls(status, new Date())],
    ...describePlace(status),
    ['transcripts', describeTranscripts(status)],
    ['', describeLooks(status)],
    ['rejects', count(status.rejects)],
    ['webhooks', describeNudges(status)],
    ...(status.unreadableAmounts === 0 ? [] : [['amounts', `${count(status.unreadableAmounts)} unreadable`] as const]),
    ['hold', status.hold === null ? 'none' : `until ${status.hold.until.toISOString()}: ${status.hold.reason}`],
    ...(status.outage === null ? [] : [['no answer', describeOutage(status.outage)] as const]),
    ['rate', describeRate(status)],
    ...status.workers.map(describeWorkers),
    ...otherWaits(status).map(describeWait),
    ...status.backfills.map(describeBackfill),
    ...status.schedules.map(describeSchedule),
  ];
  const shown = aligned(fields.filter(([, value]) => value !== ''));
  return section(`${status.account} (${status.source})`, shown).join('\n');
}

function describeFreshness({ freshnessSeconds, invoices }: AccountStatus): string {
  if (invoices !== null) {
    return freshnessSeconds === null ? 'never asked yet' : `last asked ${roughDuration(freshnessSeconds)} ago`;
  }
  return freshnessSeconds === null ? 'never caught up yet' : `caught up ${roughDuration(freshnessSeconds)} ago`;
}

function describeCalls({ calls, newestCallAt, countedAt }: AccountStatus, now: Date): string {
  if (calls === null) return 'not counted yet: a running worker counts them';
  const seconds = countedAt === null ? null : Math.max(0, Math.round((now.getTime() - countedAt.getTime()) / 1_000));
  const age = seconds === null ? '' : `, counted ${roughDuration(seconds)} ago`;
  return `${count(calls)}${newestCallAt === null ? '' : `, newest ${newestCallAt.toISOString()}`}${age}`;
}

function describeTranscripts({ calls, transcripts }: AccountStatus): string {
  if (calls === null) return 'not counted yet';
  return transcriptCountsLine(transcripts) || 'none';
}

function describeLooks(status: AccountStatus): string {
  const {
    dueNow,
    oldestPendingAt,
    unknownShape,
    analysesToCome,
    observedDelaySeconds: delay,
    paused,
  } = status.transcriptLooks;
  const parts = [
    ...(dueNow > 0 ? [`${count(dueNow)} due now`] : []),
    ...(oldestPendingAt === null ? [] : [`oldest pending from ${oldestPendingAt.toISOString()}`]),
    ...(delay === null
      ? []
      : [`fetched ${roughDuration(delay.p50)} after the call (p50), ${roughDuration(delay.p95)} (p95)`]),
    ...(analysesToCome > 0 ? [`${count(analysesToCome)} without their analysis yet`] : []),
    ...(unknownShape > 0 ? [`${count(unknownShape)} of unknown shape`] : []),
    ...(paused === null ? [] : [`on hold until ${paused.until.toISOString()}: ${paused.reason ?? 'unknown'}`]),
    ...describeHeldLanes(status),
  ];
  return parts.join('; ');
}

/** Returns one line; empty if no webhook named an id yet. */
function describeNudges({ nudges: { received, read, dropped, notShown, failed, lastAt } }: AccountStatus): string {
  if (received === 0) return '';
  const parts = [
    `${count(received)} received`,
    `${count(read)} read`,
    ...(dropped > 0 ? [`${count(dropped)} dropped`] : []),
    ...(notShown > 0 ? [`${count(notShown)} not shown by the source`] : []),
    ...(failed > 0 ? [`${count(failed)} failed`] : []),
    ...(lastAt === null ? [] : [`last ${lastAt.toISOString()}`]),
  ];
  return parts.join(', ');
}

function describeOutage({ since, reason }: NonNullable<AccountStatus['outage']>): string {
  return `since ${since.toISOString()}: ${reason}`;
}

/** Returns the workers of a task queue, and what waits there. */
export function describeWorkers({ taskQueue, pollers, backlog, backlogAgeSeconds, buildIds }: QueueWorkers): Field {
  // Without Worker Versioning, the SDK makes up an id that says nothing to a person.
  const named = buildIds.filter((id) => !id.startsWith('@temporalio/worker@'));
  const builds = named.length === 0 ? '' : ` (build ${named.join(', ')})`;
  const workers = pollers === 0 ? 'no worker' : `${count(pollers, 'worker')}${builds}`;
  const waiting =
    backlog === 0 ? '' : `, ${count(backlog, 'task')} waiting for up to ${roughDuration(backlogAgeSeconds)}`;
  return ['workers', `${taskQueue}: ${workers}${waiting}`];
}

/** Returns the waits that no other line shows, without a reason that another line gives. */
function otherWaits({ waits, hold, outage, backfills }: AccountStatus): ShownWait[] {
  const elsewhere = new Set([
    ...(hold === null ? [] : ['requests']),
    ...TRANSCRIPT_HOLDS,
    ...backfills.map(({ workflowId }) => workflowId),
  ]);
  const reasons = new Set([hold?.reason, outage?.reason]);
  return waits
    .filter(({ what }) => !elsewhere.has(what))
    .map((wait) => (reasons.has(wait.reason) ? { ...wait, reason: '' } : wait));
}

const TRANSCRIPT_HOLDS = ['transcripts', 'fresh transcripts', 'old transcripts'];

function describeWait({ what, until, reason }: ShownWait): Field {
  return ['waits', `${what} until ${until.toISOString()}${reason === '' ? '' : `: ${reason}`}`];
}

function describeHeldLanes({ transcriptLooks: { rests } }: AccountStatus): string[] {
  return Object.entries(rests).flatMap(([lane, hold]) =>
    hold === null
      ? []
      : [`${lane} calls on hold until ${secondText(hold.until)}: refused ${hold.forbiddenInARow} in a row with 403`],
  );
}

function describeSchedule({ scheduleId, state, nextAt }: ShownSchedule): Field {
  const next = nextAt === null || state !== 'active' ? '' : `, next ${nextAt.toISOString()}`;
  return ['schedule', `${scheduleId} ${state}${next}`];
}

function describeBackfill(backfill: Backfill): Field {
  return ['backfill', `${backfill.workflowId} ${backfill.state}: ${outcomeLine(backfill)}`];
}

function describePlace(status: AccountStatus): Field[] {
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
  const { unknown = 0, refused = 0, incomplete = 0 } = byOutcome;
  const parts = [
    `${count(tracked)} tracked`,
    `${count(dueNow)} due now`,
    ...(unknown > 0 ? [`${count(unknown)} unknown`] : []),
    ...(refused > 0 ? [`${count(refused)} refused`] : []),
    ...(incomplete > 0 ? [`${count(incomplete)} incomplete`] : []),
  ];
  return parts.join(', ');
}

function describeDrain({ lastDrain }: AccountStatus): string {
  if (lastDrain === null) return 'none yet';
  const { state, startedAt, failure, trouble } = lastDrain;
  const why = failure ?? (trouble === null ? null : `trying again: ${trouble}`);
  return `${state}, started ${startedAt.toISOString()}${why === null ? '' : `: ${why}`}`;
}

function describeRate({ rate: { current, ceiling, refusal } }: AccountStatus): string {
  const whole = `${ceiling} requests a second`;
  if (current === ceiling) return whole;
  const rate = `${rounded(current)} of ${whole}, `;
  if (refusal === null) return `${rate}since the last hold`;
  const { at, refusedRate } = refusal;
  const evidence =
    refusedRate === null ? 'too few were answered before it to know the limit' : `at ${rounded(refusedRate)} a second`;
  return `${rate}learnt from the 429 of ${at.toISOString()}: ${evidence}`;
}

function rounded(rate: number): number {
  return Number(rate.toFixed(3));
}
