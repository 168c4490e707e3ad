/**
 * Runs every check in order, up to the first that fails (`npm test`). The last line of the output is always
 * "N passed, N failed". Arguments are passed to vitest: `npm test -- test/domain`.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { prepare, root } from './prepare.mjs';

/** The npm scripts to run before the tests. Some tests run the built programs, so the build is one of them. */
const CHECKS = ['lint', 'format:check', 'typecheck', 'build', 'deadcode', 'cycles', 'links'];

const { passed, failed } = runAll();
process.exitCode = failed === 0 ? 0 : 1;
process.stdout.write(`${passed} passed, ${failed} failed\n`);

function runAll() {
  try {
    prepare();
  } catch (error) {
    process.stderr.write(`${error.message}\n`);
    return { passed: 0, failed: 1 };
  }
  for (const check of CHECKS) {
    process.stdout.write(`\n> ${check}\n`);
    if (spawn('npm', ['run', '--silent', check]) === 0) continue;
    process.stdout.write(`\n"npm run ${check}" failed\n`);
    return { passed: 0, failed: 1 };
  }
  process.stdout.write('\n> vitest\n');
  return runVitest(process.argv.slice(2));
}

function runVitest(args) {
  const folder = mkdtempSync(join(tmpdir(), 'callweave-report-'));
  const report = join(folder, 'report.json');
  try {
    const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${report}`];
    const status = spawn(process.execPath, ['node_modules/vitest/vitest.mjs', 'run', ...reporters, ...args]);
    return count(report, status);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Counts the tests. If only a hook, file or server failed, vitest reports no failed test and this counts one. */
function count(report, status) {
  const { numPassedTests: passed, numFailedTests: failed } = readReport(report);
  return { passed, failed: status === 0 ? failed : Math.max(failed, 1) };
}

/** Reads the report, which does not exist if the run ended before the first test. */
function readReport(report) {
  try {
    return JSON.parse(readFileSync(report, 'utf8'));
  } catch {
    return { numPassedTests: 0, numFailedTests: 0 };
  }
}

function spawn(program, args) {
  return spawnSync(program, args, { cwd: root, stdio: 'inherit' }).status;
}
