/** The parts of `npm run test:nodes` in turn: the package on this Node.js, then the short form on each of the others. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { runVitest } from '../run-vitest.mjs';
import { fetchNode, nodeVersions } from './node-versions.mjs';
import { installPackage } from './install-package.mjs';

/** The tests that need no server, and a drain of the sample by the installed package. */
const SHORT_FORM = ['domain', 'process', 'settings', 'sources', 'sample', 'package/sample'];

const PACKAGE = 'package';

/** Returns what each part tests, by its name: the package, or a version of Node.js. */
export function nodesParts() {
  const versions = nodeVersions().map((version) => [version, `the short form, on Node.js ${version}`]);
  return Object.fromEntries([[PACKAGE, `the package, on Node.js ${process.versions.node}`], ...versions]);
}

/**
 * Runs the parts with these names, each also if one before it failed. Returns `{passed, failed}`. Throws if the package cannot
 * be installed.
 */
export function testNodes(names) {
  const parts = nodesParts();
  const packages = mkdtempSync(join(tmpdir(), 'callweave-package-'));
  try {
    installPackage(packages);
    const counts = names.map((name) => {
      process.stdout.write(`\n> ${parts[name]}\n`);
      return name === PACKAGE
        ? runTests({ packages, folders: ['package'], node: process.execPath })
        : testOn({ version: name, packages });
    });
    return counts.reduce((sum, { passed, failed }) => ({ passed: sum.passed + passed, failed: sum.failed + failed }));
  } finally {
    rmSync(packages, { recursive: true, force: true });
  }
}

/** Runs the short form on a version. One that cannot be fetched counts as a failure. */
function testOn({ version, packages }) {
  try {
    return runTests({ packages, folders: SHORT_FORM, node: fetchNode(version) });
  } catch (error) {
    process.stderr.write(`${error.message}\n`);
    return { passed: 0, failed: 1 };
  }
}

function runTests({ packages, folders, node }) {
  const args = ['--config', 'vitest.nodes.config.ts', ...folders.map((folder) => `test/${folder}`)];
  // Programs that the tests start by the name "node" run on this version too.
  const PATH = [dirname(node), process.env.PATH].join(delimiter);
  return runVitest({ args, node, env: { ...process.env, PATH, TESTED_PACKAGES: packages } });
}
