import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { shownTime } from '../../src/domain/shown-times.js';
import { alertsDetails, postTroubleLine } from '../../src/workflows/alerts/alerts-progress.js';
import { waitLine } from '../../src/workflows/progress.js';
import { differencesLeft, verifyResultDetails } from '../../src/workflows/repair/repair-progress.js';
import {
  transcriptsDetails,
  transcriptsResultDetails,
  heldLanesLine,
} from '../../src/workflows/transcripts/transcripts-progress.js';

const NOW = new Date('2024-11-03T15:01:59Z');
const wait = (until: string) => ({ until, reason: '429 from the API of invoca' });
const heldLane = {
  lane: 'old',
  until: '2024-11-03T16:02:00.000Z',
  reason: 'the source refused 10 in a row with 403',
} as const;

describe('the details of alerts', () => {
  const counts = { outcome: 'checked', raised: 3, muted: 1, posted: 1, waiting: 1 } as const;
  const failed = { trouble: '503', nextAt: '2024-11-03T15:02:00.000Z' };

  it('say what is waited for, and what did not answer', () => {
    expect(postTroubleLine(failed, NOW)).toBe('posting to the alert URL: 503, next try 15:02 UTC');
    expect(alertsDetails({ ...counts, heartbeat: null }, failed)).toMatch(
      /^\*\*3 alerts raised, 1 posted now, 1 waiting, 1 muted\*\*\n\nposting to the alert URL: 503, next try .*UTC$/,
    );
    expect(alertsDetails({ ...counts, heartbeat: 'failed' }, null)).toContain('heartbeat URL did not answer');
  });

  it('say that a worker has no alert URL', () => {
    expect(alertsDetails({ outcome: 'off' }, null)).toContain('CALLWEAVE_ALERT_URL');
  });
});

describe('shownTime', () => {
  it.each([
    ['2024-11-03T15:02:00.000Z', '15:02 UTC'],
    ['2024-11-03T23:59:59.999Z', '23:59 UTC'],
    ['2024-11-04T00:00:00.000Z', '2024-11-04 00:00 UTC'],
    ['2024-11-04T15:02:00.000Z', '2024-11-04 15:02 UTC'],
    ['2024-11-02T15:02:00.000Z', '2024-11-02 15:02 UTC'],
    ['2025-11-03T15:02:00.000Z', '2025-11-03 15:02 UTC'],
  ])('shows %s as %s', (until, shown) => {
    expect(shownTime(new Date(until), NOW)).toBe(shown);
    expect(waitLine(wait(until), NOW)).toBe(`waiting until ${shown} (429 from the API of invoca)`);
    expect(heldLanesLine([{ ...heldLane, until }], NOW)).toContain(`until ${shown} (`);
  });

  it('shows different minutes differently', () => {
    const instants = fc.date({ min: new Date('2024-01-01'), max: new Date('2025-01-01'), noInvalidDate: true });
    fc.assert(
      fc.property(instants, instants, (one, other) => {
        const isSameMinute = Math.floor(one.getTime() / 60_000) === Math.floor(other.getTime() / 60_000);
        expect(shownTime(one, NOW) === shownTime(other, NOW)).toBe(isSameMinute);
      }),
    );
  });
});

describe('the current details of a transcripts run', () => {
  it('name the skipped lane, until when and why', () => {
    const line = 'old calls on hold until 2024-11-03 16:02 UTC (the source refused 10 in a row with 403)';
    const state = { account: 'invoca', looks: { available: 3 }, rests: [heldLane] };
    const details = transcriptsDetails({ ...state, inFlight: 2, waiting: null, nextLook: null });
    expect(details).toContain('invoca: 2 in progress**');
    expect(details).toContain(`Skipped: ${line}.`);
    expect(transcriptsResultDetails(state)).toBe(
      '**Fetched due transcripts of invoca: none left except in lanes on hold**\n\nIn total: 3 available.\n\n' +
        `Skipped: ${line}.`,
    );
    expect(transcriptsResultDetails({ ...state, rests: [] })).toBe(
      '**Fetched due transcripts of invoca: none left**\n\nIn total: 3 available.',
    );
  });
});

describe('the current details of a sleeping transcripts run', () => {
  it('name the time of the next look', () => {
    const progress = { account: 'invoca', looks: {}, rests: [], inFlight: 0, waiting: null };
    expect(transcriptsDetails({ ...progress, nextLook: '2024-11-03T10:42:07.000Z' })).toContain(
      'transcripts of invoca: next look at 2024-11-03 10:42 UTC**',
    );
  });
});

describe('the current details of a verification', () => {
  const result = {
    ...{ account: 'invoca', from: '2025-06-02', to: '2025-06-02', repair: true, pages: 2, rows: 1_060 },
    ...{ missing: 2, stale: 1, repaired: 3, details: [] },
  };

  it('count a call that is gone as a difference that a repair leaves', () => {
    const found = { ...result, gone: 1_200, goneReason: null };
    expect(differencesLeft(found)).toBe(1_200);
    expect(verifyResultDetails(found)).toBe(
      '**Repaired invoca, 2025-06-02..2025-06-02: 1,200 differences left**\n\n' +
        'In total: 2 pages, 1,060 rows: 2 calls missing, 1 stale, 1,200 gone; 3 repaired.',
    );
  });

  it('say why gone calls were not counted, which is no difference', () => {
    const unknown = { ...result, gone: null, goneReason: 'set INVOCA_TIME_ZONE' };
    expect(differencesLeft(unknown)).toBe(0);
    expect(verifyResultDetails(unknown)).toBe(
      '**Repaired invoca, 2025-06-02..2025-06-02: no differences left**\n\n' +
        'In total: 2 pages, 1,060 rows: 2 calls missing, 1 stale; 3 repaired.\n\n' +
        'Calls that the source no longer shows were not counted: set INVOCA_TIME_ZONE.',
    );
  });
});
