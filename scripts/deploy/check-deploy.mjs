/** The checks of `npm run check:deploy` in turn. */
import { cleanUpAll, withCleanups } from '../../bench/support/cleanups.mjs';
import { composeChecks } from './compose-checks.mjs';
import { dockerfileChecks, imageChecks } from './image-checks.mjs';
import { kubernetesChecks } from './kubernetes-checks.mjs';
import { liveChecks } from './live-checks.mjs';
import { startMonitoredSample } from './monitored-sample.mjs';
import { prometheusPrograms } from './prometheus-programs.mjs';
import { sbomChecks } from './sbom-checks.mjs';
import { staticChecks } from './static-checks.mjs';
import { workflowChecks } from './workflow-checks.mjs';

/**
 * The groups of checks by name: what a group checks, and a function that returns the checks. It first starts or fetches what
 * they need; if that fails, it counts as one failure.
 */
const GROUPS = {
  workflows: { about: 'the GitHub workflows, with actionlint and shellcheck', checksOf: workflowChecks },
  prometheus: {
    about: 'the configuration, rules and dashboard for Prometheus, with promtool',
    checksOf: () => staticChecks(prometheusPrograms()),
  },
  queries: {
    about: 'their queries, while Prometheus scrapes a running worker',
    checksOf: async ({ atEnd }) => liveChecks(await startMonitoredSample({ atEnd, ...prometheusPrograms() })),
  },
  dockerfile: { about: 'the Dockerfile, with hadolint', checksOf: dockerfileChecks },
  image: { about: 'the image, as far as its steps can be followed in a folder', checksOf: imageChecks },
  sbom: { about: 'the software bill of materials', checksOf: sbomChecks },
  compose: { about: 'the compose files, by their schema', checksOf: composeChecks },
  kubernetes: { about: 'the manifests of Kubernetes, with kustomize and by their schemas', checksOf: kubernetesChecks },
};

/** Returns what each group checks, by its name. */
export function deployParts() {
  return Object.fromEntries(Object.entries(GROUPS).map(([name, { about }]) => [name, about]));
}

/** Runs the checks of these groups and returns how many passed and failed. */
export async function checkDeploy(names) {
  for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => void cleanUpAll().then(() => process.exit(1)));
  const counts = { passed: 0, failed: 0 };
  for (const name of names) {
    process.stdout.write(`\n${name}\n`);
    const { passed, failed } = await withCleanups((atEnd) => runGroup({ ...GROUPS[name], atEnd }));
    counts.passed += passed;
    counts.failed += failed;
  }
  return counts;
}

async function runGroup({ checksOf, atEnd }) {
  let checks;
  try {
    checks = await checksOf({ atEnd });
  } catch (error) {
    process.stdout.write(`  FAILED  what these checks need\n${reasonOf(error)}\n`);
    return { passed: 0, failed: 1 };
  }
  return runChecks(checks);
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
