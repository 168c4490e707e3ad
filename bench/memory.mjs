/**
 * Memory of the worker process: its peak until a live drain has stored growing numbers of rows, and while a backfill drains
 * 20 windows of one large page each at once, under the heap limit of the image. And the history events that a page takes.
 */
import { withCleanups } from './support/cleanups.mjs';
import { runBackfill, runLiveDrain, WorkerEnded } from './support/drains.mjs';
import { startFeed } from './support/feed.mjs';
import { imageHeapMib } from './support/image.mjs';
import { startServers } from './support/servers.mjs';

/** Shares of the feed after which the peak is read. */
const SHARES = [1 / 20, 1 / 5];
const WINDOWS = 20;
const PAGE = 4_000;
const LARGE_ROW_BYTES = 10_000;
const EVENTS_PER_PAGE = { atMost: 7 };
/** Memory that the image asks for beside its heap. */
const BESIDE_HEAP_MIB = 512;

export const memory = {
  about: 'peak memory of the worker, while a feed is drained and with many large pages at once',
  sizes: {
    'memory-rows': { full: 1_000_000, quick: 16_000, means: 'rows of the feed' },
    windows: { full: WINDOWS, quick: 4, means: 'windows of the backfill, all at once, 4,000 rows of 10 KB each' },
  },
  async measure({ sizes, add, atEnd }) {
    const servers = await startServers({ atEnd });
    await measureGrowth({ servers, rows: sizes['memory-rows'], add });
    await measureWindows({ servers, windows: sizes.windows, add });
  },
};

async function measureGrowth({ servers, rows, add }) {
  const size = { rows, rowsPerDay: rows };
  const peaksAfter = SHARES.map((share) => Math.round(rows * share));
  const { peakMib, peaksMib, eventsPerPage, historyBytesPerPage } = await withCleanups(async (atEnd) => {
    const feed = await startFeed({ atEnd, ...size });
    return runLiveDrain({ servers, feed, size, peaksAfter });
  });
  const [first] = peaksMib;
  const nameOf = (count) => `live drain, ${count.toLocaleString('en')} rows`;
  add({ name: nameOf(peaksAfter[0]), value: first, unit: 'MiB' });
  const later = [...peaksAfter.map((count, place) => [count, peaksMib[place]]).slice(1), [rows, peakMib]];
  for (const [count, peak] of later) {
    add({ name: nameOf(count), value: peak, unit: 'MiB', ratio: peak / first, goal: { atMost: 1.1 } });
  }
  add({ name: `${nameOf(rows)}: history events`, value: eventsPerPage, unit: 'per page', goal: EVENTS_PER_PAGE });
  add({ name: `${nameOf(rows)}: history`, value: historyBytesPerPage / 1_024, unit: 'KiB per page' });
}

async function measureWindows({ servers, windows, add }) {
  const size = { rows: windows * PAGE, rowsPerDay: PAGE };
  const heapMib = imageHeapMib();
  const name = `backfill, ${windows} windows of ${PAGE.toLocaleString('en')} rows of 10 KB at once`;
  await withCleanups(async (atEnd) => {
    const feed = await startFeed({ atEnd, ...size, rowBytes: LARGE_ROW_BYTES });
    try {
      const { peakMib } = await runBackfill({ servers, feed, size, parallel: windows });
      add({ name: `${name}: exits of the worker`, value: 0, unit: 'exits', goal: { atMost: 0 } });
      const containerMib = heapMib + BESIDE_HEAP_MIB;
      add({
        name: `${name}, of its container`,
        value: peakMib,
        unit: 'MiB',
        ratio: peakMib / containerMib,
        goal: { atMost: 1 },
      });
    } catch (error) {
      if (!(error instanceof WorkerEnded)) throw error;
      process.stderr.write(`  ${error.message}\n`);
      add({ name: `${name}: exits of the worker`, value: 1, unit: 'exits', goal: { atMost: 0 } });
    }
  });
}
