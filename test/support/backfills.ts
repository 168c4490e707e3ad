import type { ServerResponse } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'vitest';
import type { Exchange, RecordedRequest } from '../../src/sample/faults.js';
import { progressOf } from '../../src/temporal/runs/run-state.js';
import type { BackfillHandle } from '../../src/temporal/runs/backfills.js';
import {
  backfillProgressQuery,
  type BackfillOptions,
  type BackfillProgress,
} from '../../src/workflows/backfill/backfill-progress.js';
import type { DrainWorld } from './drain-world.js';

/** Options of a backfill of 1 to 10 May 2024 that reads every day again, one day per window. */
export function tenDays(account: string, options: Partial<BackfillOptions> = {}): BackfillOptions {
  return {
    account,
    from: '2024-05-01',
    to: '2024-05-10',
    windowDays: 1,
    parallel: 3,
    newestFirst: false,
    reprocess: 'all',
    transcripts: 'all',
    ...options,
  };
}

/** Minimal rows, one per call: `perDay` rows on each of the first ten days of May 2024 (UTC). */
export function tenDaysOfRows(perDay: number): Record<string, unknown>[] {
  return Array.from({ length: 10 * perDay }, (_unused, index) => ({
    transaction_id: `${String(9_999 - index)}-0000`,
    complete_call_id: `CALL-${index}`,
    transaction_type: 'Call',
    start_time_utc: Date.UTC(2024, 4, 1 + Math.floor(index / perDay), 12) + (index % perDay) * 60_000,
    duration: 60,
  }));
}

/** Waits for the first progress for which `isSo` is true, or until the test times out. */
export async function backfillWhere(
  handle: BackfillHandle,
  isSo: (progress: BackfillProgress) => boolean,
): Promise<BackfillProgress> {
  for (;;) {
    const progress = await progressOf(handle, backfillProgressQuery);
    if (progress !== null && isSo(progress)) return progress;
    await sleep(50);
  }
}

export function windowsAsked(world: DrainWorld): string[] {
  return world.invoca.requests.map(({ query }) => `${String(query['from'])}..${String(query['to'])}`);
}

export interface HeldAnswers {
  /** Resolves when `count` requests are waiting for their answer. */
  waitFor(count: number): Promise<void>;
  /** Sends the regular answers. */
  release(): void;
}

/** Leaves the next `times` requests unanswered until `release` is called. */
export function holdAnswers(
  world: Pick<DrainWorld, 'invoca'>,
  held: { times: number; when?: (request: RecordedRequest) => boolean },
): HeldAnswers {
  const waiting: Exchange[] = [];
  world.invoca.plan({ ...held, answer: (exchange) => waiting.push(exchange) });
  return {
    waitFor: (count) => expect.poll(() => waiting.length, { timeout: 30_000 }).toBe(count),
    release() {
      for (const { response, regularAnswer } of waiting.splice(0)) answer(response, regularAnswer());
    },
  };
}

function answer(response: ServerResponse, { status, headers, body }: ReturnType<Exchange['regularAnswer']>): void {
  response.writeHead(status, headers).end(body);
}
