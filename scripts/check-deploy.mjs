/**
 * Checks `deploy/` with Prometheus's own programs (`npm run check:deploy`): the rules and their tests, the dashboard, and
 * each query on a Prometheus that scrapes a running worker. Takes about a minute. The last line is "N passed, N failed".
 */
import { prepare, prepareBuild } from './prepare.mjs';

const { passed, failed } = await checkAll();
process.exitCode = failed === 0 ? 0 : 1;
process.stdout.write(`${passed} passed, ${failed} failed\n`);

async function checkAll() {
  try {
    prepare();
    prepareBuild();
    const { checkDeploy } = await import('./deploy/check-deploy.mjs');
    return await checkDeploy();
  } catch (error) {
    process.stderr.write(`${error.message}\n`);
    return { passed: 0, failed: 1 };
  }
}
