import { count } from '../domain/count.js';
import { minuteText } from '../domain/shown-times.js';
import type { OwnSchedule } from '../temporal/schedules/own-schedules.js';
import { stuckRunMessage } from '../temporal/runs/run-state.js';
import type { AccountStatus } from './account-status.js';
import { lateDrain } from './late.js';
import { unknownSchedulesMessage } from './schedules.js';

/** What may need a person. Other people's scripts rely on these names. */
export type AttentionCode =
  | 'drain-failed'
  | 'late'
  | 'schedule-missing'
  | 'schedule-paused'
  | 'unknown-schedules'
  | 'stuck-run'
  | 'backfill-failed'
  | 'backfill-paused'
  | 'transcripts-paused'
  | 'transcripts-unreadable'
  | 'amounts-unreadable'
  | 'time-zone'
  | 'invoices-incomplete'
  | 'rejects'
  | 'no-worker';

/** Something that needs a person. */
export interface Attention {
  /** Null: it concerns the whole installation. */
  readonly account: string | null;
  readonly code: AttentionCode;
  /** What is wrong and what to do. It holds no personal data. */
  readonly message: string;
  /** Null where nobody noted it. */
  readonly since: Date | null;
}

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

/** In the order they are shown. */
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
  { code: 'time-zone', raise: wrongZone },
  { code: 'invoices-incomplete', raise: incompleteInvoices },
  { code: 'rejects', raise: rejectedRows },
];

/** Everything that needs a person, account by account; what concerns the whole installation comes first. */
export function attentionOf({ statuses, unknownSchedules, now }: AttentionFacts): Attention[] {
  const ofInstallation: Attention[] =
    unknownSchedules.length === 0
      ? []
      : [{ account: null, code: 'unknown-schedules', message: unknownSchedulesMessage(unknownSchedules), since: null }];
  const ofAccounts = statuses.flatMap((status) =>
    RULES.flatMap(({ code, raise }) =>
      raise(status, now).map(({ message, since }) => ({ account: status.account, code, message, since })),
    ),
  );
  return [...ofInstallation, ...ofAccounts];
}

function drainFailed({ failedDrains: failed, invoices }: AccountStatus): Raised[] {
  if (failed === null) return [];
  return [raised(`the last ${invoices === null ? 'drain' : 'sync'} failed: ${failed.failure}`, failed.since)];
}

function noWorker({ workers }: AccountStatus): Raised[] {
  const idle = workers.filter(({ pollers }) => pollers === 0);
  if (idle.length === 0) return [];
  const advice = 'Start one with `callweave worker`, with the settings of this account.';
  if (idle.length === workers.length) return [raised(`no worker is running for this account. ${advice}`)];
  return idle
    .filter(({ backlog }) => backlog > 0)
    .map(({ taskQueue, backlog }) =>
      raised(`${count(backlog)} tasks wait in the task queue ${taskQueue}, and no worker takes them. ${advice}`),
    );
}

function missingSchedules({ schedules }: AccountStatus): Raised[] {
  return schedules
    .filter(({ state }) => state === 'missing')
    .map(({ scheduleId }) => raised(`there is no schedule ${scheduleId}; run \`callweave schedule apply\``));
}

function pausedSchedules({ account, schedules }: AccountStatus): Raised[] {
  return schedules
    .filter(({ state }) => state === 'paused')
    .map(({ scheduleId, note, changedAt }) => {
      const why = note === null || note === '' ? '' : ` (${note})`;
      const advice = `\`callweave schedule resume --account ${account}\` lets it start again`;
      return raised(`the schedule ${scheduleId} is paused${why}; ${advice}`, changedAt);
    });
}

function failedBackfills({ backfills }: AccountStatus): Raised[] {
  return backfills
    .filter(({ state }) => state === 'failed')
    .map(({ workflowId, failure, closedAt }) =>
      raised(
        `${workflowId} failed: ${failure ?? 'unknown'}. Start it again with the same days: what is complete is left out.`,
        closedAt,
      ),
    );
}

function pausedBackfills({ backfills }: AccountStatus): Raised[] {
  return backfills
    .filter(({ state }) => state === 'paused')
    .map(({ workflowId }) =>
      raised(`${workflowId} is paused; \`callweave backfill resume ${workflowId}\` lets it go on`),
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
    const advice = `Check what the token may read; then \`callweave transcripts --retry forbidden --account ${account}\` asks at once`;
    return [raised(`${refused}. ${advice}`, hold.since)];
  });
  return [...all, ...lanes];
}

function wrongZone({ zoneMismatch: zone }: AccountStatus): Raised[] {
  if (zone === null) return [];
  return [
    raised(
      `rows have the offset ${zone.statedOffset} where ${zone.timeZone} has ${zone.expectedOffset}: ` +
        'INVOCA_TIME_ZONE must be the zone the token was made in',
    ),
  ];
}

function incompleteInvoices({ account, invoices }: AccountStatus): Raised[] {
  const { unknown = 0, refused = 0 } = invoices?.byOutcome ?? {};
  return [
    { outcome: 'unknown', amount: unknown, words: 'are unknown to the source' },
    { outcome: 'refused', amount: refused, words: 'have an id the source does not take' },
  ]
    .filter(({ amount }) => amount > 0)
    .map(({ outcome, amount, words }) =>
      raised(
        `${count(amount)} invoices ${words}: ` +
          `\`callweave invoices list --account ${account} --outcome ${outcome}\` shows them`,
      ),
    );
}

function rejectedRows({ rejects }: AccountStatus): Raised[] {
  return rejects === 0 ? [] : [raised(`${count(rejects)} rows could not be read: see \`callweave rejects list\``)];
}

/** One odd transcript is nobody's task; most of the newest say that the source has changed its form. */
function unreadableTranscripts({ transcriptLooks: { readability } }: AccountStatus): Raised[] {
  const { looked, unreadable, since } = readability;
  if (unreadable * 2 <= looked) return [];
  const advice =
    'They are kept as the source sent them, as text without turns. Look at one with `callweave call show`, check with the ' +
    'source whether the form has changed, and whether a newer callweave reads it; then `callweave transcripts --retry available`';
  return [raised(`${unreadable} of the newest ${looked} transcripts cannot be read as turns. ${advice}`, since)];
}

function unreadableAmounts({ account, unreadableAmounts: amount }: AccountStatus): Raised[] {
  if (amount === 0) return [];
  const advice =
    'Look at the column revenue of these calls (`provenance.unreadableAmounts` in their documents), correct it at the source, ' +
    `or tell us of the spelling; \`callweave remerge --account ${account}\` reads what is stored again`;
  return [raised(`${count(amount)} amounts of money could not be read for certain and count as not stated. ${advice}`)];
}

function raised(message: string, since: Date | null = null): Raised {
  return { message, since };
}
