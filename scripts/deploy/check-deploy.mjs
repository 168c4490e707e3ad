/** The checks of `npm run check:deploy` in turn. */
import { cleanUpAll, withCleanups } from '../../bench/support/cleanups.mjs';
import { liveChecks } from './live-checks.mjs';
import { startMonitoredSample } from './monitored-sample.mjs';
import { prometheusPrograms } from './prometheus-programs.mjs';
import { staticChecks } from './static-checks.mjs';

/** Runs all checks and returns how many passed and failed. Throws what keeps them from running. */
export async function checkDeploy() {
  for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => void cleanUpAll().then(() => process.exit(1)));
  const programs = prometheusPrograms();
  const fixed = await runChecks(staticChecks(programs));
  process.stdout.write('\nQueries on a Prometheus that scrapes a running worker:\n');
  const live = await withCleanups((atEnd) => runLiveChecks({ atEnd, ...programs }));
  return { passed: fixed.passed + live.passed, failed: fixed.failed + live.failed };
}

async function runLiveChecks(input) {
  try {
    return await runChecks(liveChecks(await startMonitoredSample(input)));
  } catch (error) {
    process.stderr.write(`Cannot run the sample with Prometheus: ${error.message}\n`);
    return { passed: 0, failed: 1 };
  }
}

async function runChecks(checks) {
  let passed = 0;
  for (const { name, run } of checks) {
    try {
      await run();
      passed += 1;
      process.stdout.write(`  ok  ${name}\n`);
    } catch (error) {
      process.stdout.write(`  FAILED  ${name}\n${reasonOf(error)}\n`);
    }
  }
  return { passed, failed: checks.length - passed };
}

/** Returns what a program said, or else the message of the error. */
function reasonOf({ message, stdout, stderr }) {
  const said = `${stdout ?? ''}${stderr ?? ''}`.trim();
  return (said || message).replaceAll(/^/gm, '      ');
}
