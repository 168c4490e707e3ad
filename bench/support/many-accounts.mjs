/** `status` for an installation with many accounts: settings in a file, schedules, a worker, and some trouble. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { withClient } from '../../dist/temporal/server/connect.js';
import { ZONE } from '../programs/feed-rows.mjs';
import { withCleanups } from './cleanups.mjs';
import { runCommand } from './command.mjs';
import { withDatabase } from './database.mjs';
import { NETWORK_ID, startFeed, TOKEN } from './feed.mjs';
import { median } from './figures.mjs';
import { serverSettings, startWorker } from './worker.mjs';

const ROWS = 40;
const RUNS = 5;
/** One of so many accounts has rejects, is on hold, or has a source that does not answer. */
const TROUBLED = 20;
const DRAINED_WITHIN_MS = 10 * 60_000;

/**
 * Adds the seconds of `status --json`, from the start of Node.js to its end. Every account has read its feed, and its
 * schedules go on meanwhile. Throws if the output is no status.
 */
export async function measureManyAccounts({ servers, accounts, add, goal }) {
  await withDatabase(servers, (database) =>
    withCleanups(async (atEnd) => {
      const feed = await startFeed({ atEnd, rows: ROWS });
      const config = join(servers.folder, 'many-accounts.yaml');
      const names = Array.from({ length: accounts }, (_, index) => `many-${String(index + 1).padStart(4, '0')}`);
      await writeFile(config, JSON.stringify({ accounts: names.map((name) => settingsOf({ feed, name })) }));
      const settings = { CALLWEAVE_CONFIG: config, MANY_TOKEN: TOKEN };
      const env = { ...serverSettings({ servers, database: database.databaseName }), ...settings };
      const run = (...args) => runCommand({ args, env, cwd: servers.folder, codes: [0, 3] });
      await startWorker({ atEnd, servers, database: database.databaseName, settings });
      const applied = await run('schedule', 'apply', '--json');
      await run('schedule', 'trigger', '--json');
      await drained({ database, accounts });
      await settled({ servers, accounts });
      await makeTrouble({ database, names });
      add({ name: `schedule apply for ${accounts} accounts`, value: applied.seconds, unit: 's' });
      await measureStatus({ run, accounts, add, goal });
    }),
  );
}

async function measureStatus({ run, accounts, add, goal }) {
  const seconds = [];
  for (let time = 0; time < RUNS; time += 1) {
    const status = await run('status', '--json');
    if (!status.output.includes('"accounts"')) throw new Error(`This is no status: ${status.output}`);
    seconds.push(status.seconds);
  }
  add({ name: `status of ${accounts} accounts, median of ${RUNS}`, value: median(seconds), unit: 's', goal });
}

function settingsOf({ feed, name }) {
  return {
    ...{ source: 'invoca', name, baseUrl: feed.baseUrl, id: NETWORK_ID, token: '${MANY_TOKEN}', timeZone: ZONE },
    // The schedules of transcripts are there, but no call of the feed is new enough for a look.
    transcriptMaxAge: '1d',
  };
}

/** Waits until every account has read its feed to the end. */
async function drained({ database, accounts }) {
  const deadline = Date.now() + DRAINED_WITHIN_MS;
  const ofDrains = { window: null, caughtUpAt: { $ne: null } };
  while ((await database.collection('checkpoints').countDocuments(ofDrains)) < accounts) {
    if (Date.now() > deadline) throw new Error(`Not all of the ${accounts} accounts were drained in ten minutes.`);
    await sleep(1_000);
  }
}

/** Waits until few runs are under way: those that the schedules start all the time. */
async function settled({ servers, accounts }) {
  const query = "CallweaveAccount IS NOT NULL AND ExecutionStatus = 'Running'";
  const deadline = Date.now() + DRAINED_WITHIN_MS;
  await withClient(servers.temporal.address, async (client) => {
    while ((await client.workflow.count(query)).count > accounts / 10) {
      if (Date.now() > deadline) throw new Error('The first runs of the schedules have not ended in ten minutes.');
      await sleep(1_000);
    }
  });
}

async function makeTrouble({ database, names }) {
  const now = new Date();
  const troubled = names.filter((_, index) => index % TROUBLED === 0);
  await database.collection('rejects').insertMany(
    troubled.map((account) => ({
      ...{ _id: `reject of ${account}`, account, page: 'bench', callId: null, transactionId: null },
      ...{ reason: 'no-call-id', seenAt: now, raw: '{}' },
    })),
  );
  const source = { since: now, at: now, reason: 'the source does not answer' };
  await database.collection('outages').insertMany(troubled.map((account) => ({ _id: account, ...source })));
}
