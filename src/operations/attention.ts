import type { Attention, AttentionCode } from '../domain/alerts/attention.js';
import { count } from '../domain/count.js';
import { mismatchMessage, type ZoneCode } from '../domain/days/zone-check.js';
import { minuteText } from '../domain/shown-times.js';
import type { ZoneNote } from '../store/limits/zone-notes.js';
import type { OwnSchedule } from '../temporal/schedules/own-schedules.js';
import { buildName, distinctBuilds, setCurrentCommand } from '../temporal/server/builds.js';
import { stuckRunMessage } from '../temporal/runs/run-state.js';
import type { AccountStatus } from './account-status.js';
import { lateDrain } from './late.js';
import { unknownSchedulesMessage } from './schedules.js';

export interface AttentionFacts {
  readonly statuses: readonly AccountStatus[];
  readonly unknownSchedules: readonly OwnSchedule[];
  readonly now: Date;
}

type Raised = Pick<Attention, 'message' | 'since'>;

interface Rule {
  readonly code: AttentionCode;
  readonly raise: (status: AccountStatus, now: Date) => readonly Raised[];
}

/** Rules in the order in which their conditions are shown. */
const RULES: readonly Rule[] = [
  { code: 'drain-failed', raise: drainFailed },
  { code: 'late', raise: lateDrain },
  { code: 'stuck-run', raise: ({ stuckRuns }) => stuckRuns.map((run) => raised(stuckRunMessage(run), run.since)) },
  { code: 'no-worker', raise: noWorker },
  { code: 'schedule-missing', raise: missingSchedules },
  { code: 'schedule-paused', raise: pausedSchedules },
  { code: 'backfill-failed', raise: failedBackfills },
  { code: 'backfill-paused', raise: pausedBackfills },
  { code: 'transcripts-paused', raise: heldTranscripts },
  { code: 'transcripts-unreadable', raise: unreadableTranscripts },
  { code: 'amounts-unreadable', raise: unreadableAmounts },
  { code: 'time-zone', raise: ({ zoneMismatch: note }) => disagreeing('time-zone', note) },
  { code: 'platform-time-zone', raise: ({ platformZoneMismatch: note }) => disagreeing('platform-time-zone', note) },
  { code: 'invoices-incomplete', raise: incompleteInvoices },
  { code: 'rejects', raise: rejectedRows },
];

/** Lists everything that needs a person: first what concerns the whole installation, then account by account. */
export function attentionOf({ statuses, unknownSchedules, now }: AttentionFacts): Attention[] {
  const ofInstallation = [...unknownSchedulesRaised(unknownSchedules), ...idleBuilds(statuses)];
  const ofAccounts = statuses.flatMap((status) =>
    RULES.flatMap(({ code, raise }) =>
      raise(status, now).map(({ message, since }) => ({ account: status.account, code, message, since })),
    ),
  );
  return [...ofInstallation, ...ofAccounts];
}

function unknownSchedulesRaised(schedules: readonly OwnSchedule[]): Attention[] {
  if (schedules.length === 0) return [];
  return [{ account: null, code: 'unknown-schedules', message: unknownSchedulesMessage(schedules), since: null }];
}

/** Raises each build that workers run and that gets nothing new, whatever account's queue shows it. */
function idleBuilds(statuses: readonly AccountStatus[]): Attention[] {
  const queues = statuses.flatMap(({ workers }) => workers);
  return distinctBuilds(queues.flatMap(({ notCurrent }) => notCurrent)).map((build) => ({
    account: null,
    code: 'build-not-current',
    message:
      `workers run ${buildName(build)}, which is not current: nothing new runs on it. Make it current with ` +
      `\`${setCurrentCommand(build)}\`, or stop its workers once the runs that began on it have ended`,
    since: null,
  }));
}

function drainFailed({ failedDrains: failed, invoices }: AccountStatus): Raised[] {
  if (failed === null) return [];
  return [raised(`the last ${invoices === null ? 'drain' : 'sync'} failed: ${failed.failure}`, failed.since)];
}

function noWorker({ workers }: AccountStatus): Raised[] {
  const idle = workers.filter(({ pollers }) => pollers === 0);
  if (idle.length === 0) return withoutBuild(workers);
  const advice = 'Start one with `callweave worker`, with the settings of this account.';
  if (idle.length === workers.length) return [raised(`no worker is running for this account. ${advice}`)];
  return idle
    .filter(({ backlog }) => backlog > 0)
    .map(({ taskQueue, backlog }) => {
      const waiting = `${count(backlog, 'task')} ${backlog === 1 ? 'waits' : 'wait'}`;
      return raised(`${waiting} in the task queue ${taskQueue}, which no worker polls. ${advice}`);
    });
}

/** Raises queues that only workers without a build poll while a build is current: they get nothing. */
function withoutBuild(workers: AccountStatus['workers']): Raised[] {
  const idle = workers.filter(({ currentPollers, notCurrent }) => currentPollers === 0 && notCurrent.length === 0);
  if (idle.length === 0) return [];
  const queues = idle.map(({ taskQueue }) => taskQueue).join(' and ');
  return [
    raised(
      `only workers without a build poll ${queues}, but a build is current: nothing new runs there. ` +
        'Start them with TEMPORAL_DEPLOYMENT_NAME and TEMPORAL_WORKER_BUILD_ID, or turn Worker Versioning off ' +
        '(docs/operations.md, "Roll out a new build").',
    ),
  ];
}

function missingSchedules({ schedules }: AccountStatus): Raised[] {
  return schedules
    .filter(({ state }) => state === 'missing')
    .map(({ scheduleId }) =>
      raised(`the schedule ${scheduleId} is missing; create it with \`callweave schedule apply\``),
    );
}

function pausedSchedules({ account, schedules }: AccountStatus): Raised[] {
  return schedules
    .filter(({ state }) => state === 'paused')
    .map(({ scheduleId, note }) => {
      const why = note === null || note === '' ? '' : ` (${note})`;
      const advice = `resume it with \`callweave schedule resume --account ${account}\``;
      return raised(`the schedule ${scheduleId} is paused${why}; ${advice}`);
    });
}

function failedBackfills({ backfills }: AccountStatus): Raised[] {
  return backfills
    .filter(({ state }) => state === 'failed')
    .map(({ workflowId, failure, closedAt }) => {
      const hasAdvice = failure?.includes('start the backfill again') ?? false;
      const advice = hasAdvice ? '' : ' Start it again with the same days; complete days are skipped.';
      return raised(`${workflowId} failed: ${(failure ?? 'unknown').replace(/\.$/, '')}.${advice}`, closedAt);
    });
}

function pausedBackfills({ backfills }: AccountStatus): Raised[] {
  return backfills
    .filter(({ state }) => state === 'paused')
    .map(({ workflowId }) =>
      raised(`${workflowId} is paused; resume it with \`callweave backfill resume ${workflowId}\``),
    );
}

function heldTranscripts({ account, transcriptLooks: { paused, rests } }: AccountStatus): Raised[] {
  const all =
    paused === null
      ? []
      : [raised(`transcripts are on hold until ${minuteText(paused.until)}: ${paused.reason ?? 'unknown'}`)];
  const lanes = Object.entries(rests).flatMap(([lane, hold]) => {
    if (hold === null) return [];
    const refused = `transcripts of ${lane} calls are on hold until ${minuteText(hold.until)}: refused ${hold.forbiddenInARow} in a row with 403`;
    const advice = `Check the token's permissions, then retry with \`callweave transcripts --retry forbidden --account ${account}\``;
    return [raised(`${refused}. ${advice}`, hold.since)];
  });
  return [...all, ...lanes];
}

function disagreeing(code: ZoneCode, note: ZoneNote | null): Raised[] {
  return note === null ? [] : [raised(mismatchMessage(code, note), note.since)];
}

function incompleteInvoices({ account, invoices }: AccountStatus): Raised[] {
  const { unknown = 0, refused = 0, incomplete = 0 } = invoices?.byOutcome ?? {};
  return [
    { outcome: 'unknown', amount: unknown, words: 'unknown to the source' },
    { outcome: 'refused', amount: refused, words: 'with an id that the source refuses' },
    {
      outcome: 'incomplete',
      amount: incomplete,
      words: 'for which the source states another number of calls than it sends, three times in a row',
    },
  ]
    .filter(({ amount }) => amount > 0)
    .map(({ outcome, amount, words }) =>
      raised(
        `${count(amount, 'invoice')} ${words}: ` +
          `list them with \`callweave invoices list --account ${account} --outcome ${outcome}\``,
      ),
    );
}

function rejectedRows({ rejects }: AccountStatus): Raised[] {
  return rejects === 0 ? [] : [raised(`${count(rejects, 'row')} could not be stored: see \`callweave rejects list\``)];
}

/** Raises only if most of the newest transcripts are unreadable, which suggests that the source changed its format. */
function unreadableTranscripts({ transcriptLooks: { readability } }: AccountStatus): Raised[] {
  const { looked, unreadable, since } = readability;
  if (unreadable * 2 <= looked) return [];
  const advice =
    'They are stored as the source sent them, as text without turns. Look at one with `callweave call show`, ask the source ' +
    'whether the format has changed, and update callweave; then run `callweave transcripts --retry available`';
  return [raised(`${unreadable} of the newest ${looked} transcripts cannot be read as turns. ${advice}`, since)];
}

function unreadableAmounts({ account, unreadableAmounts: amount }: AccountStatus): Raised[] {
  if (amount === 0) return [];
  const advice =
    'Find these calls by `provenance.unreadableAmounts` in their documents and look at their column revenue. Correct it at ' +
    `the source, or report the format to us; \`callweave remerge --account ${account}\` reads stored amounts again`;
  return [raised(`${count(amount, 'amount')} of money cannot be read for certain, taken as not stated. ${advice}`)];
}

function raised(message: string, since: Date | null = null): Raised {
  return { message, since };
}
