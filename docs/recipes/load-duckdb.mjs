// Loads what changed since its last run into the table "calls" of a DuckDB database. Described in docs/recipes.md.
//
//   npm run -s build && node docs/recipes/load-duckdb.mjs calls.duckdb [ACCOUNT]
import { spawnSync } from 'node:child_process';
import { mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { DuckDBInstance } from '@duckdb/node-api';

const callweave = fileURLToPath(new URL('../../dist/cli.js', import.meta.url));
const [path, account = ''] = process.argv.slice(2);
if (path === undefined) throw new Error('Name the database: node docs/recipes/load-duckdb.mjs calls.duckdb [ACCOUNT]');

const TABLES = `
  CREATE TABLE IF NOT EXISTS calls (
    _id VARCHAR PRIMARY KEY, account VARCHAR, callId VARCHAR, startedAt TIMESTAMPTZ,
    durationSeconds DOUBLE, connectSeconds DOUBLE, result VARCHAR, revenue DECIMAL(38, 9),
    campaign VARCHAR, legs INTEGER, transcriptStatus VARCHAR, updatedAt TIMESTAMPTZ
  );
  CREATE TABLE IF NOT EXISTS export_state (account VARCHAR PRIMARY KEY, state VARCHAR)`;

// Of two lines of one call the later one holds. An erased call is in neither row nor column any more.
const MERGE = `
  MERGE INTO calls USING (
    SELECT _id, account, callId, startedAt, durationSeconds, connectSeconds, result, revenue,
      columns->>'advertiser_campaign_name' AS campaign,
      coalesce(json_array_length(legs), 0) AS legs,
      transcript->>'status' AS transcriptStatus, updatedAt, coalesce(erased, false) AS erased
    FROM read_json($lines, format = 'newline_delimited', maximum_object_size = 33554432, columns = {
      _id: 'VARCHAR', account: 'VARCHAR', callId: 'VARCHAR', startedAt: 'TIMESTAMPTZ', durationSeconds: 'DOUBLE',
      connectSeconds: 'DOUBLE', result: 'VARCHAR', revenue: 'DECIMAL(38, 9)', columns: 'JSON', legs: 'JSON',
      transcript: 'JSON', updatedAt: 'TIMESTAMPTZ', erased: 'BOOLEAN'
    })
    QUALIFY row_number() OVER (PARTITION BY _id ORDER BY updatedAt DESC, erased DESC) = 1
  ) AS line USING (_id)
  WHEN MATCHED AND line.erased THEN DELETE
  WHEN MATCHED AND line.updatedAt >= calls.updatedAt THEN UPDATE SET
    startedAt = line.startedAt, durationSeconds = line.durationSeconds, connectSeconds = line.connectSeconds,
    result = line.result, revenue = line.revenue, campaign = line.campaign, legs = line.legs,
    transcriptStatus = line.transcriptStatus, updatedAt = line.updatedAt
  WHEN NOT MATCHED AND NOT line.erased THEN INSERT VALUES (
    line._id, line.account, line.callId, line.startedAt, line.durationSeconds, line.connectSeconds, line.result,
    line.revenue, line.campaign, line.legs, line.transcriptStatus, line.updatedAt
  )`;

// One process at a time can open the file: a second load at once ends here.
const database = await (await DuckDBInstance.create(path)).connect();
const folder = mkdtempSync(join(tmpdir(), 'callweave-load-'));
try {
  await database.run(TABLES);
  await load();
} finally {
  rmSync(folder, { recursive: true });
  database.closeSync();
}

/** Commits the rows together with the state of the export: whatever fails before leaves both as they were. */
async function load() {
  const [stateFile, lines] = [join(folder, 'state'), join(folder, 'changes.ndjson')];
  const kept = await database.runAndReadAll('SELECT state FROM export_state WHERE account = $account', { account });
  if (kept.currentRowCount > 0) writeFileSync(stateFile, kept.value(0, 0));

  const options = ['--state', stateFile, ...(account === '' ? [] : ['--account', account])];
  const { status } = spawnSync(process.execPath, [callweave, 'export', ...options], {
    stdio: ['ignore', openSync(lines, 'w'), 'inherit'],
  });
  if (status !== 0) throw new Error(`callweave export ended with ${status}: nothing was loaded`);

  await database.run('BEGIN');
  await database.run(MERGE, { lines });
  const state = readFileSync(stateFile, 'utf8');
  await database.run('INSERT OR REPLACE INTO export_state VALUES ($account, $state)', { account, state });
  await database.run('COMMIT');
}
