import { setTimeout as sleep } from 'node:timers/promises';
import type { Client } from '@temporalio/client';
import { everyInterval } from '../process/every-interval.js';
import { otherTranscripts, startTranscripts, type TranscriptsHandle } from '../temporal/runs/account-workflows.js';
import { progressOf, resultUnlessStuck, throwIfStuck } from '../temporal/runs/run-state.js';
import {
  heldLanesLine,
  transcriptsProgressQuery,
  type TranscriptsResult,
} from '../workflows/transcripts/transcripts-progress.js';
import { waitLine, type Wait } from '../workflows/progress.js';

const PROGRESS_PAUSE_MS = 1_000;

/**
 * Fetches the due transcripts, until a run started here finds none and no other run makes looks. If the account or a
 * lane is on hold, reports that and stops.
 */
export async function fetchDueTranscripts(input: {
  client: Client;
  account: string;
  say: (line: string) => void;
  signal: AbortSignal;
}): Promise<void> {
  const { client, account, say, signal } = input;
  for (;;) {
    const { handle, attached } = await startTranscripts(client, account);
    const ended = await resultUnlessWaiting(handle, signal);
    if (ended.waiting !== null) {
      say(`Transcripts of ${account}: ${waitLine(ended.waiting)}`);
      return;
    }
    const { looks, rests } = ended.result;
    if (attached || Object.keys(looks).length > 0) continue;
    if (await areOthersAtWork(client, account)) {
      await sleep(PROGRESS_PAUSE_MS);
      continue;
    }
    if (rests.length > 0) say(`Transcripts of ${account}: ${heldLanesLine(rests)}`);
    return;
  }
}

/** True if another run makes looks, or does not answer. The dispatcher makes none while it sleeps or waits. */
async function areOthersAtWork(client: Client, account: string): Promise<boolean> {
  const others = await otherTranscripts(client, account);
  const progresses = await Promise.all(others.map((handle) => progressOf(handle, transcriptsProgressQuery)));
  await Promise.all(others.map(throwIfStuck));
  return progresses.some((progress) => progress === null || (progress.nextLook === null && progress.waiting === null));
}

type Ended = { result: TranscriptsResult; waiting: null } | { waiting: Wait };

async function resultUnlessWaiting(handle: TranscriptsHandle, signal: AbortSignal): Promise<Ended> {
  const done = new AbortController();
  const finished = resultUnlessStuck(handle, AbortSignal.any([signal, done.signal])).then((result): Ended => ({
    result,
    waiting: null,
  }));
  const seenWaiting = new Promise<Ended>((resolve) => {
    void everyInterval({ pauseMs: PROGRESS_PAUSE_MS, signal: done.signal }, async () => {
      const progress = await progressOf(handle, transcriptsProgressQuery);
      if (progress?.waiting != null) resolve({ waiting: progress.waiting });
    });
  });
  try {
    return await Promise.race([finished, seenWaiting]);
  } finally {
    done.abort();
  }
}
