/** The feed of `bench/programs/feed-server.mjs`, in a process of its own. */
import { fileURLToPath } from 'node:url';
import { createCallOf, transactionIdOf } from '../programs/feed-rows.mjs';
import { withCleanups } from './cleanups.mjs';
import { firstLine, startProgram } from './processes.mjs';

const PROGRAM = fileURLToPath(new URL('../programs/feed-server.mjs', import.meta.url));

export const TOKEN = 'token-of-the-bench';
export const NETWORK_ID = '2025';

/** Starts the feed. */
export async function startFeed({
  atEnd,
  rows,
  rowsPerDay = rows,
  rowBytes = 3_000,
  latencyMs = 0,
  limitPerSecond = null,
}) {
  const args = [JSON.stringify({ rows, rowsPerDay, rowBytes, latencyMs, limitPerSecond })];
  const feed = startProgram({ atEnd, program: PROGRAM, args });
  const baseUrl = await firstLine(feed);
  return {
    pid: feed.pid,
    baseUrl,
    pageUrl: `${baseUrl}/api/2020-10-01/networks/transactions/${NETWORK_ID}.json`,
    stop: feed.stop,
    /** Returns the place of the original row of the call of a row. */
    callOf: createCallOf(rowsPerDay),
    /** Returns the requests since an instant in milliseconds: `{at, kind, status}`. */
    requests: async (since) => {
      const answer = await fetch(`${baseUrl}/bench/requests?since=${since}`);
      return (await answer.json()).map(([at, kind, status]) => ({ at, kind, status }));
    },
    /** Lets `from` rows be readable now and `perSecond` more each second. Returns the instant of it in milliseconds. */
    grow: async ({ from, perSecond }) => {
      const answer = await fetch(`${baseUrl}/bench/grow?from=${from}&perSecond=${perSecond}`, { method: 'POST' });
      return (await answer.json()).sinceMs;
    },
  };
}

/** Reads a whole feed without looking at its rows. Returns how many rows it serves in a second. */
export async function feedAlone({ page, ...size }) {
  return withCleanups(async (atEnd) => {
    const { pageUrl } = await startFeed({ atEnd, ...size });
    const startedAt = performance.now();
    for (let from = 0; from < size.rows; from += page) {
      const cursor = from === 0 ? '' : `&start_after_transaction_id=${transactionIdOf(from - 1)}`;
      const answer = await fetch(`${pageUrl}?limit=${page}${cursor}`);
      await answer.arrayBuffer();
    }
    return (size.rows * 1_000) / (performance.now() - startedAt);
  });
}
