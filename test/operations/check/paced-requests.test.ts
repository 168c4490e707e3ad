import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { PacedRequests } from '../../../src/operations/check/paced-requests.js';
import { useTestDatabase } from '../../support/test-database.js';

const mongodb = useTestDatabase();

const DEADLINE_MS = 30_000;

function paced(requestsPerSecond = 1_000): PacedRequests {
  return new PacedRequests({
    account: { name: 'a', requestsPerSecond },
    store: mongodb.store,
    deadline: new Date(Date.now() + DEADLINE_MS),
    signal: new AbortController().signal,
  });
}

describe('the requests of a check', () => {
  it('are as far apart as the rate demands, counted from the answer', async () => {
    const requests = paced(4);
    let answeredMs = 0;
    let apartMs = 0;
    await requests.ask(async () => {
      await sleep(150);
      answeredMs = performance.now();
    });
    await requests.ask(() => {
      apartMs = performance.now() - answeredMs;
      return Promise.resolve();
    });
    // Timers count whole milliseconds.
    expect(apartMs).toBeGreaterThanOrEqual(247);
  });

  it('do not wait until the deadline for a MongoDB that is silent', async () => {
    const beganMs = Date.now();
    expect(await paced().readStore(() => new Promise(() => undefined))).toBeNull();
    expect(Date.now() - beganMs).toBeLessThan(DEADLINE_MS / 2);
  });
});
