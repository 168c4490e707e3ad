import { describe, expect, it } from 'vitest';
import { statusText } from '../../../src/commands/status/status-text.js';
import { NOW, wellStatus } from '../../support/account-status.js';

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
});
