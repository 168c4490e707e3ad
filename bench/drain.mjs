/**
 * Draining a feed: rows per second of the live drain and of a backfill with four windows at once, against a plain script
 * that drains the same feed into the same MongoDB, at an API that answers at once and at one with a latency. All three run
 * in turn, each with new servers, since a database server that has stored and dropped much is slower. A document of the
 * script has as many bytes as one of callweave.
 */
import { median } from './support/figures.mjs';
import { startServers } from './support/servers.mjs';
import { withCleanups } from './support/cleanups.mjs';
import { createScript } from './support/plain-script.mjs';
import { runBackfill, runLiveDrain } from './support/drains.mjs';
import { feedAlone, startFeed } from './support/feed.mjs';

const LATENCIES_MS = [0, 100];
const PAGE = 4_000;
/** Windows of a backfill, all at once. */
const WINDOWS = 4;

const GOALS = {
  live: { atLeast: 1.75 },
  /** Goals of a backfill, by latency. */
  backfill: { 100: { atLeast: 2.4 } },
};

export const drain = {
  about: 'rows per second of a live drain and of a backfill, against a plain script',
  sizes: {
    rows: { full: 24_000, quick: 8_000, means: 'rows of the feed' },
    rounds: { full: 3, quick: 1, means: 'times that each of the three runs at each latency' },
  },
  async measure({ sizes, add }) {
    const size = { rows: sizes.rows, rowsPerDay: Math.ceil(sizes.rows / WINDOWS) };
    const runScript = await withServers((servers) => createScript({ servers, page: PAGE }));
    const best = [];
    for (const latencyMs of LATENCIES_MS) {
      const rounds = await withCleanups(async (atEndOfFeed) => {
        const feed = await startFeed({ atEnd: atEndOfFeed, ...size, latencyMs });
        return runRounds({ feed, size, rounds: sizes.rounds, runScript });
      });
      addRounds({ add, latencyMs, rounds });
      best.push(...rounds.flatMap(({ live, backfill }) => [live.rowsPerSecond, backfill.rowsPerSecond]));
    }
    const alone = await feedAlone({ ...size, page: PAGE });
    add({
      name: 'the feed alone, ratio to the fastest drain',
      value: alone,
      unit: 'rows/s',
      ratio: alone / Math.max(...best),
    });
  },
};

async function runRounds({ feed, size, rounds, runScript }) {
  const done = [];
  for (let round = 1; round <= rounds; round += 1) {
    const script = await withServers((servers) => runScript({ servers, feed }));
    const live = await withServers((servers) => runLiveDrain({ servers, feed, size }));
    const backfill = await withServers((servers) => runBackfill({ servers, feed, size, parallel: WINDOWS }));
    const speeds = Object.entries({ script, live, backfill }).map(
      ([name, run]) => `${name} ${Math.round(run.rowsPerSecond)}`,
    );
    process.stderr.write(`  round ${round}: ${speeds.join(', ')} rows/s\n`);
    done.push({ script, live, backfill });
  }
  return done;
}

/** Calls `use` with new servers. */
function withServers(use) {
  return withCleanups(async (atEnd) => use(await startServers({ atEnd, say: () => undefined })));
}

function addRounds({ add, latencyMs, rounds }) {
  const at = `at ${latencyMs} ms`;
  const of = (name, figure) => median(rounds.map((round) => round[name][figure]));
  const ratioOf = (name) => median(rounds.map((round) => round[name].rowsPerSecond / round.script.rowsPerSecond));
  add({ name: `plain script ${at}`, value: of('script', 'rowsPerSecond'), unit: 'rows/s' });
  for (const [name, title, goal] of [
    ['live', 'live drain', GOALS.live],
    ['backfill', `backfill (${WINDOWS} windows at once)`, GOALS.backfill[latencyMs]],
  ]) {
    add({ name: `${title} ${at}`, value: of(name, 'rowsPerSecond'), unit: 'rows/s', ratio: ratioOf(name), goal });
    add({ name: `${title} ${at}: CPU of the worker`, value: of(name, 'cores'), unit: 'cores' });
  }
}
