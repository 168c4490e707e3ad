/**
 * Runs every check, for `.ci/run`: `npm test`, `npm run test:nodes` and `npm run check:deploy`, each also if one before it
 * failed. The last line of the output sums all three: "N passed, N failed".
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { endWithCounts } from './counted.mjs';
import { root } from './prepare.mjs';

const SCRIPTS = ['test', 'test:nodes', 'check:deploy'];

await endWithCounts(async () => {
  let passed = 0;
  let failed = 0;
  for (const script of SCRIPTS) {
    const counts = await runScript(script);
    passed += counts.passed;
    failed += counts.failed;
  }
  return { passed, failed };
});

/** Runs an npm script and returns the counts of its last line. A script that fails without one counts as one failure. */
async function runScript(script) {
  process.stdout.write(`\n> ${script}\n`);
  // Silent, so that npm adds nothing after the last line.
  const started = spawn('npm', ['--silent', 'run', script], { cwd: root, stdio: ['inherit', 'pipe', 'inherit'] });
  const ended = once(started, 'close');
  let last = '';
  for await (const line of createInterface({ input: started.stdout })) {
    process.stdout.write(`${line}\n`);
    if (line !== '') last = line;
  }
  const [code] = await ended;
  const [, passed = '0', failed = '0'] = /^(\d+) passed, (\d+) failed$/.exec(last) ?? [];
  const counts = { passed: Number(passed), failed: Number(failed) };
  return code === 0 && counts.passed > 0 ? counts : { ...counts, failed: Math.max(counts.failed, 1) };
}
