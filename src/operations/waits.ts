import type { TranscriptLane } from '../domain/transcripts/transcript.js';
import type { Backfill } from '../temporal/runs/backfills.js';
import type { RunWait } from '../temporal/runs/waits.js';

/** Something of an account that waits until a known instant. */
export interface ShownWait {
  /** `requests`, `transcripts`, `fresh transcripts`, `old transcripts`, `next look`, or the id of a workflow. */
  readonly what: string;
  readonly until: Date;
  readonly reason: string;
}

interface WaitFacts {
  readonly hold: { readonly until: Date; readonly reason: string } | null;
  readonly paused: { readonly until: Date; readonly reason: string | null } | null;
  readonly rests: Readonly<Record<TranscriptLane, { readonly until: Date; readonly forbiddenInARow: number } | null>>;
  readonly nextLookAt: Date | null;
  readonly backfills: readonly Backfill[];
  readonly runs: readonly RunWait[];
}

/** Lists what waits, and until when: first what holds everything up, last the next look for a transcript. */
export function shownWaits({ hold, paused, rests, nextLookAt, backfills, runs }: WaitFacts): ShownWait[] {
  const lanes = Object.entries(rests).flatMap(([lane, rest]) => {
    if (rest === null) return [];
    return [
      { what: `${lane} transcripts`, until: rest.until, reason: `refused ${rest.forbiddenInARow} in a row with 403` },
    ];
  });
  return [
    ...(hold === null ? [] : [{ what: 'requests', ...hold }]),
    ...(paused === null ? [] : [{ what: 'transcripts', until: paused.until, reason: paused.reason ?? 'unknown' }]),
    ...lanes,
    ...runs.map(({ workflowId, until, reason }) => ({ what: workflowId, until, reason })),
    ...backfills.flatMap(waitOfBackfill),
    ...(nextLookAt === null
      ? []
      : [{ what: 'next look', until: nextLookAt, reason: 'no transcript is looked for earlier' }]),
  ];
}

/** Returns the wait of a backfill's windows that ends first; they mostly wait for the same. */
function waitOfBackfill({ workflowId, progress }: Backfill): ShownWait[] {
  const waits = (progress?.running ?? []).flatMap(({ waiting }) => waiting ?? []);
  const [first] = waits.toSorted((a, b) => (a.until < b.until ? -1 : 1));
  return first === undefined ? [] : [{ what: workflowId, until: new Date(first.until), reason: first.reason }];
}
