import { describe, expect, it } from 'vitest';
import { statusText } from '../../../src/commands/status/status-text.js';
import { minutesAgo, NOW, wellStatus } from '../../support/account-status.js';

function webhooksOf(changes: Partial<ReturnType<typeof wellStatus>['nudges']>): string | undefined {
  const status = wellStatus();
  const nudges = { ...status.nudges, ...changes };
  const text = statusText({ statuses: [{ ...status, nudges }], attention: [] });
  return text.split('\n').find((line) => line.includes('webhooks'));
}

describe('the text of status', () => {
  it('has one line about webhooks if any came', () => {
    expect(webhooksOf({})).toBeUndefined();
    expect(webhooksOf({ received: 1_200, read: 900, lastAt: NOW })).toMatch(
      /^ *webhooks +1,200 received, 900 read, last 2025-06-09T12:00:00.000Z$/,
    );
    expect(webhooksOf({ received: 9, read: 1, dropped: 2, notShown: 3, failed: 4 })).toMatch(
      /9 received, 1 read, 2 dropped, 3 not shown by the source, 4 failed$/,
    );
  });

  it('says how old the counts are, or that there are none yet', () => {
    const linesOf = (changes: Parameters<typeof wellStatus>[0]) =>
      statusText({ statuses: [wellStatus(changes)], attention: [] });
    const transcripts = { pending: 3 };
    expect(linesOf({ transcripts })).not.toContain('counted');
    expect(linesOf({ transcripts, countedAt: new Date(Date.now() - 40 * 60_000) })).toMatch(
      /calls +10, .*, counted 40m ago/,
    );
    expect(linesOf({ calls: null, newestCallAt: null })).toMatch(
      /calls +not counted yet: a running worker counts them\n/,
    );
  });

  it('shows what waits, unless another line shows it, and each reason once', () => {
    const until = new Date('2025-06-09T12:10:00Z');
    const outage = { since: minutesAgo(9), at: minutesAgo(1), reason: 'no connection' };
    const text = statusText({
      statuses: [
        wellStatus({
          hold: { until, reason: '429' },
          outage,
          waits: [
            { what: 'requests', until, reason: '429' },
            { what: 'transcripts', until, reason: '401' },
            { what: 'drain/acme', until, reason: outage.reason },
            { what: 'next look', until, reason: 'no transcript is looked for earlier' },
          ],
        }),
      ],
      attention: [],
    });

    expect(text.split('\n').filter((line) => line.includes('waits'))).toEqual([
      expect.stringMatching(/^ *waits +drain\/acme until 2025-06-09T12:10:00.000Z$/),
      expect.stringMatching(/^ *waits +next look until 2025-06-09T12:10:00.000Z: no transcript is looked for earlier$/),
    ]);
  });

  it('shows the builds of workers that have a name', () => {
    const queue = { pollers: 2, backlog: 0, backlogAgeSeconds: 0, currentPollers: 2, notCurrent: [] };
    const workersOf = (buildIds: string[]) =>
      statusText({ statuses: [wellStatus({ workers: [{ taskQueue: 'q', ...queue, buildIds }] })], attention: [] });

    expect(workersOf(['1.4', '1.5'])).toContain('q: 2 workers (build 1.4, 1.5)');
    expect(workersOf(['@temporalio/worker@1.24.0+f6d8'])).toMatch(/q: 2 workers$/m);
  });

  it('shows how many tasks wait for a worker, one in the singular', () => {
    const queue = { pollers: 0, backlogAgeSeconds: 90, buildIds: [], currentPollers: 0, notCurrent: [] };
    const workersOf = (backlog: number) =>
      statusText({ statuses: [wellStatus({ workers: [{ taskQueue: 'q', ...queue, backlog }] })], attention: [] });

    expect(workersOf(1)).toMatch(/q: no worker, 1 task waiting for up to /);
    expect(workersOf(2)).toMatch(/q: no worker, 2 tasks waiting for up to /);
  });
});
