import type { AccountStatus } from '../../src/operations/account-status.js';

/** The instant at which the tests read a status. */
export const NOW = new Date('2025-06-09T12:00:00Z');

export function minutesAgo(minutes: number): Date {
  return new Date(NOW.getTime() - minutes * 60_000);
}

/** Status of a healthy account: it polls every five minutes and caught up two minutes ago. */
export function wellStatus(changes: Partial<AccountStatus> = {}): AccountStatus {
  const schedule = { account: 'acme', state: 'active', note: '', intervalMs: 300_000 } as const;
  const instants = { nextAt: null, lastAt: null, changedAt: minutesAgo(600) };
  const worker = { pollers: 1, backlog: 0, backlogAgeSeconds: 0, buildIds: [], currentPollers: 1, notCurrent: [] };
  return {
    account: 'acme',
    source: 'invoca',
    calls: 10,
    countedAt: null,
    cursor: '5-0000',
    pages: 3,
    lastPageAt: minutesAgo(60),
    newestCallAt: minutesAgo(61),
    caughtUpAt: minutesAgo(2),
    freshnessSeconds: 120,
    firstAttemptAt: minutesAgo(600),
    pollSeconds: 300,
    transcripts: {},
    transcriptLooks: {
      dueNow: 0,
      oldestPendingAt: null,
      unknownShape: 0,
      analysesToCome: 0,
      observedDelaySeconds: null,
      paused: null,
      readability: { looked: 20, unreadable: 10, since: minutesAgo(90) },
      rests: { fresh: null, old: null },
    },
    rejects: 0,
    unreadableAmounts: 0,
    hold: null,
    outage: null,
    rate: { current: 3, ceiling: 3, refusal: null },
    zoneMismatch: null,
    platformZoneMismatch: null,
    lastDrain: {
      workflowId: 'drain/acme-2025-06-09T11:58:00Z',
      state: 'completed',
      startedAt: minutesAgo(2),
      failure: null,
      trouble: null,
    },
    failedDrains: null,
    invoices: null,
    nudges: { received: 0, read: 0, dropped: 0, notShown: 0, failed: 0, lastAt: null },
    backfills: [],
    schedules: [
      { scheduleId: 'drain/acme', ...schedule, ...instants },
      { scheduleId: 'transcripts/acme', ...schedule, ...instants },
    ],
    waits: [],
    stuckRuns: [],
    workers: [
      { taskQueue: 'callweave', ...worker },
      { taskQueue: 'callweave-api-acme', ...worker },
    ],
    ...changes,
  };
}
