/** Runs vitest and counts its tests. Uses only Node's own modules, because it is imported before packages are installed. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { root } from './prepare.mjs';

/** Tests named at the end if they did not run; more are only counted. */
const MOST_NAMED = 50;

/**
 * Runs vitest with these arguments, under the Node.js at `node`, and shows its output and the tests that did not run. Returns
 * `{passed, failed}`. If only a hook, file or server failed, vitest reports no failed test and this counts one.
 */
export function runVitest({ args, node = process.execPath, env = process.env }) {
  const folder = mkdtempSync(join(tmpdir(), 'callweave-report-'));
  const report = join(folder, 'report.json');
  try {
    const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${report}`];
    const command = ['node_modules/vitest/vitest.mjs', 'run', ...reporters, ...args];
    const { status } = spawnSync(node, command, { cwd: root, env, stdio: 'inherit' });
    const { numPassedTests: passed, numFailedTests: failed, testResults } = readReport(report);
    nameThoseNotRun(testResults);
    return { passed, failed: status === 0 ? failed : Math.max(failed, 1) };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Reads the report, which does not exist if the run ended before the first test. */
function readReport(report) {
  try {
    return JSON.parse(readFileSync(report, 'utf8'));
  } catch {
    return { numPassedTests: 0, numFailedTests: 0, testResults: [] };
  }
}

function nameThoseNotRun(files) {
  const names = files.flatMap(({ name: file, assertionResults }) =>
    assertionResults
      .filter(({ status }) => status !== 'passed' && status !== 'failed')
      .map(({ fullName, meta }) => `${relative(root, file)}: ${fullName}${reasonIn(meta)}`),
  );
  const named = names.slice(0, MOST_NAMED).map((name) => `  ${name}\n`);
  const others = names.length > MOST_NAMED ? `  and ${names.length - MOST_NAMED} more\n` : '';
  process.stdout.write(`\nTests that did not run: ${names.length}\n${named.join('')}${others}`);
}

/** Returns the reason that a test has given for not running; a test that was filtered out, or whose hook failed, has none. */
function reasonIn({ whyNotRun } = {}) {
  return whyNotRun === undefined ? '' : ` (${whyNotRun})`;
}
