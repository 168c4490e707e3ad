/**
 * Runs every check in order, up to the first that fails (`npm test`). The last line of the output is always
 * "N passed, N failed"; before it are the tests that did not run, by name. Arguments are passed to vitest:
 * `npm test -- test/domain`.
 */
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { endWithCounts } from './counted.mjs';
import { prepare, root } from './prepare.mjs';
import { runVitest } from './run-vitest.mjs';

/** The npm scripts to run before the tests. Some tests run the built programs, so the build is one of them. */
const CHECKS = ['lint', 'format:check', 'typecheck', 'build', 'deadcode', 'cycles', 'links'];

await endWithCounts(runAll);

function runAll() {
  prepare();
  if (!isMongodbUsable()) return { passed: 0, failed: 1 };
  for (const check of CHECKS) {
    process.stdout.write(`\n> ${check}\n`);
    if (spawnSync('npm', ['run', '--silent', check], { cwd: root, stdio: 'inherit' }).status === 0) continue;
    process.stdout.write(`\n"npm run ${check}" failed\n`);
    return { passed: 0, failed: 1 };
  }
  process.stdout.write('\n> vitest\n');
  return runVitest({ args: process.argv.slice(2) });
}

/** Tries the server of MONGODB_URI before the checks, which take minutes. True if there is none to try. */
function isMongodbUsable() {
  if ((process.env['MONGODB_URI'] ?? '').trim() === '') return true;
  const trial = fileURLToPath(new URL('../test/support/try-mongodb.ts', import.meta.url));
  const command = ['--import', './test/support/typescript.mjs', trial];
  return spawnSync(process.execPath, command, { cwd: root, stdio: 'inherit' }).status === 0;
}
