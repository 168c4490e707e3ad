import { describe, expect, it } from 'vitest';
import type { AccountStatus } from '../../src/operations/account-status.js';
import type { Attention, AttentionCode } from '../../src/domain/alerts/attention.js';
import { attentionOf } from '../../src/operations/attention.js';
import type { Backfill } from '../../src/temporal/runs/backfills.js';
import { minutesAgo, NOW, wellStatus } from '../support/account-status.js';

function attention(changes: Partial<AccountStatus>): Attention[] {
  return attentionOf({ statuses: [wellStatus(changes)], unknownSchedules: [], now: NOW });
}

const well = wellStatus();

const backfill: Backfill = {
  workflowId: 'backfill/acme/2024-05-01..2024-05-10',
  options: {
    account: 'acme',
    from: '2024-05-01',
    to: '2024-05-10',
    windowDays: 1,
    parallel: 4,
    newestFirst: false,
    reprocess: 'missing',
    transcripts: 'all',
  },
  state: 'running',
  startedAt: minutesAgo(90),
  closedAt: null,
  progress: null,
  result: null,
  failure: null,
};

const invoices = { tracked: 4, dueNow: 0, byOutcome: { known: 4 }, lastSyncAt: minutesAgo(300) };

interface Row {
  readonly code: AttentionCode;
  readonly raised: Partial<AccountStatus>;
  /** Texts that the message must contain. */
  readonly says: readonly string[];
  readonly since: Date | null;
  /** The same part of the status after the problem is solved. */
  readonly cleared: Partial<AccountStatus>;
}

const failedDrains = {
  workflowId: 'drain/acme',
  failure: 'GET https://x/y: answered 401. Check the API token.',
  since: minutesAgo(40),
  endedAt: minutesAgo(3),
};

const TABLE: readonly Row[] = [
  {
    code: 'drain-failed',
    raised: { failedDrains },
    says: ['the last drain failed', 'answered 401. Check the API token.'],
    since: minutesAgo(40),
    cleared: { failedDrains: null },
  },
  {
    code: 'late',
    raised: { caughtUpAt: minutesAgo(16) },
    says: ['not caught up since 2025-06-09 11:44 UTC'],
    since: minutesAgo(16),
    cleared: { caughtUpAt: minutesAgo(15) },
  },
  {
    code: 'late',
    raised: { caughtUpAt: null, firstAttemptAt: minutesAgo(16) },
    says: ['never caught up since the first attempt at 2025-06-09 11:44 UTC'],
    since: minutesAgo(16),
    cleared: { caughtUpAt: null, firstAttemptAt: minutesAgo(15) },
  },
  {
    code: 'stuck-run',
    raised: {
      stuckRuns: [
        {
          workflowId: 'verify/acme/2024-05-01..2024-05-02',
          runId: 'run-1',
          attempts: 9,
          failure: 'Nondeterminism error',
          since: minutesAgo(50),
        },
      ],
    },
    says: ['verify/acme/2024-05-01..2024-05-02', 'run-1', 'Nondeterminism error', 'temporal workflow terminate'],
    since: minutesAgo(50),
    cleared: { stuckRuns: [] },
  },
  {
    code: 'no-worker',
    raised: { workers: well.workers.map((queue) => ({ ...queue, pollers: 0 })) },
    says: ['no worker is running', 'callweave worker'],
    since: null,
    cleared: { workers: well.workers },
  },
  {
    code: 'no-worker',
    raised: {
      workers: well.workers.map((queue, index) => (index === 0 ? queue : { ...queue, pollers: 0, backlog: 7 })),
    },
    says: ['7 tasks', 'callweave-api-acme'],
    since: null,
    cleared: { workers: well.workers.map((queue, index) => (index === 0 ? queue : { ...queue, pollers: 0 })) },
  },
  {
    code: 'no-worker',
    raised: { workers: well.workers.map((queue) => ({ ...queue, currentPollers: 0 })) },
    says: ['only workers without a build', 'callweave-api-acme', 'TEMPORAL_WORKER_BUILD_ID'],
    since: null,
    cleared: { workers: well.workers },
  },
  {
    code: 'schedule-missing',
    raised: { schedules: well.schedules.map((schedule) => ({ ...schedule, state: 'missing' as const })).slice(0, 1) },
    says: ['drain/acme', 'callweave schedule apply'],
    since: null,
    cleared: { schedules: well.schedules },
  },
  {
    code: 'schedule-paused',
    raised: {
      schedules: well.schedules
        .map((schedule) => ({ ...schedule, state: 'paused' as const, note: 'vendor maintenance' }))
        .slice(1),
    },
    says: ['transcripts/acme', 'vendor maintenance', 'callweave schedule resume'],
    since: null,
    cleared: { schedules: well.schedules },
  },
  {
    code: 'backfill-failed',
    raised: { backfills: [{ ...backfill, state: 'failed', failure: 'answered 403', closedAt: minutesAgo(7) }] },
    says: [backfill.workflowId, 'answered 403'],
    since: minutesAgo(7),
    cleared: { backfills: [backfill] },
  },
  {
    code: 'backfill-paused',
    raised: { backfills: [{ ...backfill, state: 'paused' }] },
    says: [`callweave backfill resume ${backfill.workflowId}`],
    since: null,
    cleared: { backfills: [backfill] },
  },
  {
    code: 'transcripts-paused',
    raised: {
      transcriptLooks: { ...well.transcriptLooks, paused: { until: minutesAgo(-60 * 24), reason: 'ten times 403' } },
    },
    says: ['2025-06-10 12:00 UTC', 'ten times 403'],
    since: null,
    cleared: { transcriptLooks: well.transcriptLooks },
  },
  {
    code: 'transcripts-paused',
    raised: {
      transcriptLooks: {
        ...well.transcriptLooks,
        rests: { fresh: null, old: { until: minutesAgo(-50), since: minutesAgo(10), forbiddenInARow: 12 } },
      },
    },
    says: ['old calls are on hold', '12 in a row with 403', '--retry forbidden --account acme'],
    since: minutesAgo(10),
    cleared: { transcriptLooks: well.transcriptLooks },
  },
  {
    code: 'transcripts-unreadable',
    raised: {
      transcriptLooks: { ...well.transcriptLooks, readability: { looked: 20, unreadable: 11, since: minutesAgo(90) } },
    },
    says: ['11 of the newest 20', '--retry available'],
    since: minutesAgo(90),
    cleared: { transcriptLooks: well.transcriptLooks },
  },
  {
    code: 'amounts-unreadable',
    raised: { unreadableAmounts: 3 },
    says: ['3 amounts', 'callweave remerge --account acme'],
    since: null,
    cleared: { unreadableAmounts: 0 },
  },
  {
    code: 'time-zone',
    raised: {
      zoneMismatch: {
        transactionId: '1-0000',
        startedAt: minutesAgo(90),
        statedOffset: '-04:00',
        expectedOffset: '-07:00',
        timeZone: 'America/Los_Angeles',
        since: minutesAgo(80),
      },
    },
    says: ['-04:00', 'America/Los_Angeles has -07:00', 'INVOCA_TIME_ZONE'],
    since: minutesAgo(80),
    cleared: { zoneMismatch: null },
  },
  {
    code: 'platform-time-zone',
    raised: {
      platformZoneMismatch: {
        transactionId: '1-0000',
        startedAt: minutesAgo(90),
        statedOffset: '-06:00',
        expectedOffset: '-07:00',
        timeZone: null,
        since: minutesAgo(80),
      },
    },
    says: ['offset -07:00, but -06:00', 'new token', 'INVOCA_TIME_ZONE', 'totals differ'],
    since: minutesAgo(80),
    cleared: { platformZoneMismatch: null },
  },
  {
    code: 'invoices-incomplete',
    raised: { source: 'credira', invoices: { ...invoices, byOutcome: { known: 1, unknown: 3 } } },
    says: ['3 invoices unknown to the source', '--outcome unknown'],
    since: null,
    cleared: { source: 'credira', invoices },
  },
  {
    code: 'invoices-incomplete',
    raised: { source: 'credira', invoices: { ...invoices, byOutcome: { refused: 2 } } },
    says: ['2 invoices', '--outcome refused'],
    since: null,
    cleared: { source: 'credira', invoices },
  },
  {
    code: 'invoices-incomplete',
    raised: { source: 'credira', invoices: { ...invoices, byOutcome: { known: 5, incomplete: 1 } } },
    says: ['1 invoice for which the source states another number of calls', '--outcome incomplete'],
    since: null,
    cleared: { source: 'credira', invoices },
  },
  {
    code: 'rejects',
    raised: { rejects: 1_234 },
    says: ['1,234 rows', 'callweave rejects list'],
    since: null,
    cleared: { rejects: 0 },
  },
];

describe('what needs a person', () => {
  it('is nothing if all is well, or if a hold, an outage or a lower rate is younger than three polls', () => {
    expect(attention({})).toEqual([]);
    const reason = 'could not resolve host x';
    expect(
      attention({
        hold: { until: minutesAgo(-1), reason: '429' },
        outage: { since: minutesAgo(2), at: NOW, reason },
        rate: { current: 1, ceiling: 3, refusal: null },
      }),
    ).toEqual([]);
  });

  it('is said of one in the singular, of more in the plural', () => {
    const waiting = (backlog: number) =>
      attention({
        workers: well.workers.map((queue, index) => (index === 0 ? queue : { ...queue, pollers: 0, backlog })),
      });

    expect(waiting(1)[0]?.message).toMatch(/^1 task waits in the task queue/);
    expect(waiting(2)[0]?.message).toMatch(/^2 tasks wait in the task queue/);
  });

  it.each(TABLE)('is $code until the problem is solved ($says)', (row) => {
    const [entry, ...others] = attention(row.raised);

    expect(others).toEqual([]);
    expect(entry).toMatchObject({ account: 'acme', code: row.code, since: row.since });
    for (const words of row.says) expect(entry?.message).toContain(words);
    expect(attention(row.cleared)).toEqual([]);
  });

  it('includes one entry, of the installation, for all schedules of unknown accounts', () => {
    const unknownSchedules = [
      { scheduleId: 'drain/old', account: 'old' },
      { scheduleId: 'transcripts/old', account: 'old' },
    ];

    const raised = attentionOf({ statuses: [well], unknownSchedules, now: NOW });

    expect(raised).toMatchObject([{ account: null, code: 'unknown-schedules', since: null }]);
    expect(raised[0]?.message).toMatch(/\(old\): drain\/old, transcripts\/old\. .*schedule apply --prune/);
    expect(attentionOf({ statuses: [well], unknownSchedules: [], now: NOW })).toEqual([]);
  });

  it('includes one entry, of the installation, for each build that gets nothing new', () => {
    const [v1, v2] = ['v1', 'v2'].map((buildId) => ({ deploymentName: 'calls', buildId }));
    const workers = well.workers.map((queue) => ({
      ...queue,
      notCurrent: [v1, v2].filter((build) => build !== undefined),
    }));
    const statuses = ['acme', 'other'].map((account) => wellStatus({ account, workers }));

    const raised = attentionOf({ statuses, unknownSchedules: [], now: NOW });

    expect(raised).toMatchObject([
      { account: null, code: 'build-not-current', since: null },
      { account: null, code: 'build-not-current', since: null },
    ]);
    expect(raised[1]?.message).toContain('build v2 of the deployment calls');
    expect(raised[1]?.message).toContain('set-current-version --deployment-name calls --build-id v2');
  });
});

describe('an account that is late', () => {
  const running = { ...well.lastDrain, workflowId: 'drain/acme', state: 'running', startedAt: minutesAgo(90) } as const;
  const never = {
    caughtUpAt: null,
    firstAttemptAt: minutesAgo(90),
    lastDrain: { ...running, failure: null, trouble: null },
  };
  const outage = { since: minutesAgo(89), at: NOW, reason: 'could not resolve host api.invalid (ENOTFOUND)' };

  function messageOf(changes: Partial<AccountStatus>): string | undefined {
    return attention(changes).find(({ code }) => code === 'late')?.message;
  }

  it.each<[string, Partial<AccountStatus>, string]>([
    ['the source gives no answer', { outage }, 'could not resolve host api.invalid'],
    [
      'a hold',
      { hold: { until: minutesAgo(-30), reason: '429 from the API' } },
      'on hold until 2025-06-09 12:30 UTC: 429',
    ],
    [
      'a failure that is tried again',
      { lastDrain: { ...never.lastDrain, trouble: 'MongoDB is away' } },
      'MongoDB is away',
    ],
    ['no worker', { workers: well.workers.map((queue) => ({ ...queue, pollers: 0 })), outage }, 'no worker is running'],
    [
      'a stuck run',
      { stuckRuns: [{ workflowId: 'drain/acme', runId: 'r', attempts: 5, failure: 'f', since: null }], outage },
      'its run is stuck',
    ],
    ['much to read', { pages: 120, lastPageAt: minutesAgo(1) }, 'drain/acme is running, 120 pages so far'],
    [
      'a paused schedule',
      { lastDrain: well.lastDrain, schedules: well.schedules.map((s) => ({ ...s, state: 'paused' })) },
      'drain/acme is paused',
    ],
    ['a failed run', { lastDrain: well.lastDrain, failedDrains }, 'answered 401'],
  ])('has a message with the reason: %s', (_what, changes, words) => {
    expect(messageOf({ ...never, ...changes })).toContain(words);
  });

  it('is late, if read by invoice, while a run reads nothing, but not while nothing is due', () => {
    const credira = { source: 'credira', invoices, caughtUpAt: invoices.lastSyncAt } as const;

    expect(messageOf({ ...credira })).toBeUndefined();
    expect(messageOf({ ...credira, lastDrain: never.lastDrain, outage })).toMatch(
      /no invoice was read since 2025-06-09 10:30 UTC: could not resolve host/,
    );
    expect(
      messageOf({ ...credira, lastDrain: never.lastDrain, invoices: { ...invoices, lastSyncAt: minutesAgo(1) } }),
    ).toBeUndefined();
  });
});
