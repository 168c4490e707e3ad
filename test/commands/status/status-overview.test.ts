import { describe, expect, it } from 'vitest';
import { accountsOverview, attentionOverview, sharedQueueLine } from '../../../src/commands/status/status-overview.js';
import { NOW, minutesAgo, wellStatus } from '../../support/account-status.js';

const late = (account: string) => ({ account, code: 'late', message: `${account} is late`, since: null }) as const;

describe('the overview of many accounts', () => {
  it('shows those that need a person first, each on one line', () => {
    const statuses = [
      wellStatus({ account: 'well', transcripts: { pending: 1_200 } }),
      wellStatus({
        account: 'late',
        freshnessSeconds: null,
        calls: null,
        hold: { until: new Date('2025-06-09T12:10:00Z'), reason: '429' },
        workers: [],
        schedules: [],
        rejects: 3,
      }),
    ];
    const attention = [late('late'), { account: 'late', code: 'rejects', message: '3 rows', since: null } as const];

    const { head, rows } = accountsOverview({ statuses, attention }, NOW);

    expect(rows.map((row) => row.length)).toEqual([head.length, head.length]);
    expect(rows).toEqual([
      ['late', 'never', '?', '0', '3', 'until 12:10 UTC', '?', '0', '', 'late, rejects'],
      ['well', '2m', '10', '1,200', '0', '3/s', '1', '0', '', ''],
    ]);
  });

  it('shows the next run, the fewest workers of a queue, and what waits in the queue of the account', () => {
    const [schedule] = wellStatus().schedules;
    if (schedule === undefined) throw new Error('A well account has a schedule.');
    const next = { ...schedule, nextAt: new Date('2025-06-09T12:03:00Z') };
    const queue = { pollers: 2, backlog: 4, backlogAgeSeconds: 9, buildIds: ['b1'], currentPollers: 2, notCurrent: [] };
    const status = wellStatus({
      schedules: [{ ...schedule, nextAt: new Date('2025-06-10T12:00:00Z') }, next],
      workers: [
        { taskQueue: 'callweave', ...queue },
        { taskQueue: 'callweave-api-acme', ...queue, pollers: 1, backlog: 7 },
      ],
    });
    const report = { statuses: [status], attention: [] };

    expect(accountsOverview(report, NOW).rows[0]?.slice(6, 9)).toEqual(['1', '7', '12:03 UTC']);
    expect(sharedQueueLine(report)).toBe('workers  callweave: 2 workers (build b1), 4 tasks waiting for up to 9s');
  });

  it('groups what needs a person by code, and counts what it leaves out', () => {
    const rejects = { account: 'a-0', code: 'rejects', message: '1 row', since: minutesAgo(1) } as const;
    const many = Array.from({ length: 8 }, (_, index) => late(`a-${index}`));

    expect(attentionOverview([])).toBe('');
    expect(attentionOverview([...many.slice(0, 4), rejects, ...many.slice(4)]).split('\n')).toEqual([
      'Needs a person:',
      ...[0, 1, 2, 3, 4].map((index) => `  a-${index}: late: a-${index} is late`),
      '  … and 3 more with late: see --json, or --account NAME',
      '  a-0: rejects: 1 row (since 2025-06-09 11:59:00 UTC)',
    ]);
  });
});
