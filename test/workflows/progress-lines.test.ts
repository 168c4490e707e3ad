import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { shownTime } from '../../src/domain/shown-times.js';
import { waitLine } from '../../src/workflows/progress.js';
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

describe('a time that is shown to a person', () => {
  it.each([
    ['2024-11-03T15:02:00.000Z', '15:02 UTC'],
    ['2024-11-03T23:59:59.999Z', '23:59 UTC'],
    ['2024-11-04T00:00:00.000Z', '2024-11-04 00:00 UTC'],
    ['2024-11-04T15:02:00.000Z', '2024-11-04 15:02 UTC'],
    ['2024-11-02T15:02:00.000Z', '2024-11-02 15:02 UTC'],
    ['2025-11-03T15:02:00.000Z', '2025-11-03 15:02 UTC'],
  ])('of %s is %s', (until, shown) => {
    expect(shownTime(new Date(until), NOW)).toBe(shown);
    expect(waitLine(wait(until), NOW)).toBe(`waiting until ${shown} (429 from the API of invoca)`);
    expect(heldLanesLine([{ ...heldLane, until }], NOW)).toContain(`until ${shown} (`);
  });

  it('never is the same for two minutes that lie on different days', () => {
    const instants = fc.date({ min: new Date('2024-01-01'), max: new Date('2025-01-01'), noInvalidDate: true });
    fc.assert(
      fc.property(instants, instants, (one, other) => {
        const isSameMinute = Math.floor(one.getTime() / 60_000) === Math.floor(other.getTime() / 60_000);
        expect(shownTime(one, NOW) === shownTime(other, NOW)).toBe(isSameMinute);
      }),
    );
  });
});

describe('the details of a run of transcripts', () => {
  it('say which lane is left out, until when and why', () => {
    const line = 'old calls on hold until 2024-11-03 16:02 UTC (the source refused 10 in a row with 403)';
    const state = { account: 'invoca', looks: { available: 3 }, rests: [heldLane] };
    expect(transcriptsDetails({ ...state, inFlight: 2, waiting: null })).toContain(`Left out: ${line}.`);
    expect(transcriptsResultDetails(state)).toBe(
      `**No transcript of invoca is asked for now**\n\nLeft out: ${line}.\n\nThis run: 3 available.`,
    );
    expect(transcriptsResultDetails({ ...state, rests: [] })).toBe(
      '**No transcript of invoca is due**\n\nThis run: 3 available.',
    );
  });
});
