/** Versions of Node.js from the npm package `node`: those that `npm run test:nodes` tests. */
import { spawnSync } from 'node:child_process';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { defaultCacheDir } from '../../dist/embedded/binary.js';
import { imageNodeVersion } from '../deploy/dockerfile-steps.mjs';

/** Returns the oldest version that package.json allows, and one of each later major with long support: of 24 the image's. */
export function nodeVersions() {
  return ['20.19.0', '22.23.3', imageNodeVersion(), '26.10.0'];
}

/** Returns the path of the program `node` of a version, which is kept in the cache folder. Throws if it cannot be fetched. */
export function fetchNode(version) {
  const folder = join(defaultCacheDir, `node-${version}`);
  const program = join(folder, 'node_modules/node/bin/node');
  if (isVersion(program, version)) return program;
  process.stderr.write(`Fetching Node.js ${version} from npm into ${folder}\n`);
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  // Without a project here, npm would look for one in the folders above. The package fetches the program by a script.
  writeFileSync(join(folder, 'package.json'), '{ "allowScripts": { "node": true } }\n');
  const args = ['install', '--no-audit', '--no-fund', '--loglevel=error', `node@${version}`];
  spawnSync('npm', args, { cwd: folder, stdio: ['ignore', 2, 2] });
  if (isVersion(program, version)) return program;
  throw new Error(
    `Node.js ${version} cannot be fetched: after "npm ${args.join(' ')}", ${program} is not that version.`,
  );
}

function isVersion(program, version) {
  return spawnSync(program, ['--version'], { encoding: 'utf8' }).stdout?.trim() === `v${version}`;
}
