/** Runs of `bench/programs/plain-script.mjs`. */
import { fileURLToPath } from 'node:url';
import { withCleanups } from './cleanups.mjs';
import { documentBytes, withDatabase } from './database.mjs';
import { runLiveDrain } from './drains.mjs';
import { startFeed, TOKEN } from './feed.mjs';
import { runProgram } from './processes.mjs';

const PROGRAM = fileURLToPath(new URL('../programs/plain-script.mjs', import.meta.url));

/** Rows whose documents are measured. */
const MEASURED_ROWS = 8_000;

/**
 * Drains a feed once with callweave and once with the script, to learn how many bytes the documents of the script lack.
 * Returns a function that drains a feed with the script into a server and returns its rows per second.
 */
export async function createScript({ servers, page }) {
  const size = { rows: MEASURED_ROWS, rowsPerDay: MEASURED_ROWS };
  return withCleanups(async (atEnd) => {
    const feed = await startFeed({ atEnd, ...size });
    const inspect = async (database) => ({ bytes: await documentBytes(database) });
    const callweave = await runLiveDrain({ servers, feed, size, inspect });
    const plain = await runScript({ servers, feed, page, fillerBytes: 0, inspect });
    const fillerBytes = Math.round(callweave.bytes - plain.bytes);
    process.stderr.write(
      `  a document: ${Math.round(callweave.bytes)} bytes; of the script ${Math.round(plain.bytes)}, ` +
        `and ${fillerBytes} added\n`,
    );
    if (fillerBytes < 0) throw new Error('The documents of the script are larger than those of callweave.');
    return (run) => runScript({ ...run, page, fillerBytes });
  });
}

function runScript({ servers, feed, page, fillerBytes, inspect }) {
  return withDatabase(servers, async (database) => {
    const options = {
      feedUrl: feed.pageUrl,
      token: TOKEN,
      limit: page,
      mongoUri: servers.mongo.uri,
      database: database.databaseName,
      fillerBytes,
    };
    const run = { program: PROGRAM, args: [JSON.stringify(options)] };
    const { rows, seconds } = JSON.parse(await withCleanups((atEnd) => runProgram({ atEnd, ...run })));
    return { rowsPerSecond: rows / seconds, ...(await inspect?.(database)) };
  });
}
