import { describe, expect, it } from 'vitest';
import {
  firstPlace,
  incompleteMessage,
  planAt,
  progressAt,
  steered,
  withEnded,
  type BackfillPlace,
} from '../../../src/workflows/backfill/backfill-place.js';
import { backfillLine, backfillDetails } from '../../../src/workflows/backfill/backfill-progress.js';
import { NO_COUNTS } from '../../../src/workflows/feed/drain-progress.js';
import { tenDays } from '../../support/backfills.js';

const START_MS = Date.parse('2024-06-01T12:00:00Z');
const MINUTE_MS = 60_000;
const PAGE = { pages: 1, rows: 40, calls: 30, rejects: 0 };

/** Returns a place in ten windows, with the given numbers started and done. */
function placeAfter({ done, started = done }: { done: number; started?: number }): BackfillPlace {
  let place: BackfillPlace = { ...firstPlace(tenDays('acme'), START_MS), started };
  for (let ended = 0; ended < done; ended += 1) place = withEnded(place, { counts: PAGE, outcome: 'done' });
  return place;
}

function progressOf(place: BackfillPlace, nowMs: number) {
  const running = planAt(place)
    .windows.slice(place.done + place.failed.length, place.started)
    .map((window) => ({ ...window, ...NO_COUNTS, waiting: null }));
  return progressAt({ place, plan: planAt(place), running, nowMs });
}

describe('planAt', () => {
  it('leaves out a window only if all its days are complete', () => {
    const options = tenDays('acme', { windowDays: 3, newestFirst: true, reprocess: 'missing' });
    const complete = [
      { from: '2024-05-02', to: '2024-05-06' },
      { from: '2024-05-10', to: '2024-05-10' },
    ];

    const { windows, total } = planAt({ ...firstPlace(options, START_MS), complete });

    expect(total).toBe(4);
    expect(windows).toEqual([
      { from: '2024-05-07', to: '2024-05-09' },
      { from: '2024-05-01', to: '2024-05-03' },
    ]);
  });
});

describe('progressAt', () => {
  it('estimates the end from the windows done so far', () => {
    const progress = progressOf(placeAfter({ done: 4, started: 6 }), START_MS + 8 * MINUTE_MS);

    expect(progress).toMatchObject({ windows: { total: 10, done: 4, running: 2, left: 4 }, rows: 160, pages: 4 });
    expect(progress.endsAt).toBe('2024-06-01T12:20:00.000Z');
  });

  it('estimates nothing before a window is done or while paused, and measures again after steering', () => {
    const place = placeAfter({ done: 2, started: 4 });
    const resumedMs = START_MS + 60 * MINUTE_MS;
    const resumed = steered(steered(place, { state: 'paused', nowMs: START_MS }), {
      state: 'running',
      nowMs: resumedMs,
    });

    expect(progressOf(placeAfter({ done: 0, started: 4 }), START_MS + MINUTE_MS).endsAt).toBeNull();
    expect(progressOf({ ...place, state: 'paused' }, resumedMs).endsAt).toBeNull();
    expect(progressOf(resumed, resumedMs).endsAt).toBeNull();
    const next = withEnded(resumed, { counts: PAGE, outcome: 'done' });
    expect(progressOf(next, resumedMs + MINUTE_MS).endsAt).toBe('2024-06-01T13:08:00.000Z');
  });
});

describe('the texts of a backfill', () => {
  it('give the progress in one line, with the estimated end, or with a longer wait', () => {
    const progress = progressOf(placeAfter({ done: 4, started: 6 }), START_MS + 8 * MINUTE_MS);
    const waiting = { until: '2024-06-01T12:30:00.000Z', reason: '429 from the API of acme' };
    const [first, ...others] = progress.running;
    const running = [...(first === undefined ? [] : [{ ...first, waiting }]), ...others];

    const soFar = '4 of 10 windows done, 2 running, 4 left; 4 pages, 160 rows, 120 documents written, 0 rejects';
    expect(backfillLine(progress)).toBe(`${soFar}; done about 2024-06-01 12:20 UTC`);
    const waits = 'waiting until 2024-06-01 12:30 UTC (429 from the API of acme)';
    expect(backfillLine({ ...progress, running })).toBe(`${soFar}; ${waits}`);
    expect(backfillDetails({ ...progress, running })).toContain('- 2024-05-05..2024-05-05: 0 pages');
  });

  it('name the missing days as ranges, with the reason', () => {
    const failed = { from: '2024-05-02', to: '2024-05-02', reason: 'The source said no.' };
    const stopped = { ...withEnded(placeAfter({ done: 1 }), { counts: NO_COUNTS, outcome: failed }), started: 7 };

    expect(incompleteMessage(stopped, planAt(stopped))).toMatch(
      /acme, 2024-05-01\.\.2024-05-10: .*: 2024-05-02\.\.2024-05-02, 2024-05-08\.\.2024-05-10\. The source said no\./,
    );
  });
});
