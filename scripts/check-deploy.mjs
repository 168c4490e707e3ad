/**
 * Checks with the programs of others what no test of ours can judge (`npm run check:deploy`): the rules and the dashboard of
 * Prometheus, and their queries while it scrapes a running worker; the Dockerfile, and the image as far as its steps can be
 * followed in a folder; the compose files, the manifests of Kubernetes and the GitHub workflows. Takes some minutes.
 * `npm run check:deploy -- image` runs one group. The last line is "N passed, N failed".
 */
import { endWithCounts } from './counted.mjs';
import { prepare, prepareBuild } from './prepare.mjs';

await endWithCounts(async () => {
  prepare();
  prepareBuild();
  const { checkDeploy } = await import('./deploy/check-deploy.mjs');
  return checkDeploy(process.argv.slice(2));
});
