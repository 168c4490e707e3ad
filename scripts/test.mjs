/**
 * Runs every check in order, up to the first that fails (`npm test`). The last line of the output is always
 * "N passed, N failed". Arguments are passed to vitest: `npm test -- test/domain`.
 */
import { spawnSync } from 'node:child_process';
import { prepare, root } from './prepare.mjs';
import { runVitest } from './run-vitest.mjs';

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
    if (spawnSync('npm', ['run', '--silent', check], { cwd: root, stdio: 'inherit' }).status === 0) continue;
    process.stdout.write(`\n"npm run ${check}" failed\n`);
    return { passed: 0, failed: 1 };
  }
  process.stdout.write('\n> vitest\n');
  return runVitest({ args: process.argv.slice(2) });
}
