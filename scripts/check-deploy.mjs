/**
 * Checks with the programs of others what no test of ours can judge (`npm run check:deploy`): the rules and the dashboard of
 * Prometheus, and their queries while it scrapes a running worker; the Dockerfile, and the image as far as its steps can be
 * followed in a folder; the compose files, the manifests of Kubernetes and the GitHub workflows. Takes some minutes;
 * `npm run check:deploy -- image` runs one part, and `--help` lists them.
 */
import { runParts } from './run-parts.mjs';

await runParts({
  script: 'check:deploy',
  about: 'Checks what callweave is deployed with, by programs of others.',
  load: async () => {
    const { deployParts, checkDeploy } = await import('./deploy/check-deploy.mjs');
    return { parts: deployParts(), run: checkDeploy };
  },
});
