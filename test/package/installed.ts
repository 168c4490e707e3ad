import { join } from 'node:path';
import { runProgram, type Program, type Surroundings } from '../support/program.js';

/** The package installed with all production packages, or without the optional ones. */
type Installation = 'full' | 'bare';

/** Folder in which scripts/nodes/install-package.mjs has installed the package. @throws if it has not */
export function packagesFolder(): string {
  const folder = process.env['TESTED_PACKAGES'];
  if (folder === undefined) throw new Error('No package is installed to test: run `npm run test:nodes`.');
  return folder;
}

/** Folder of a project that depends on nothing but the package. */
export function projectFolder(installation: Installation): string {
  return join(packagesFolder(), installation);
}

/** Folder of the package itself. */
export function packageFolder(installation: Installation): string {
  return join(projectFolder(installation), 'node_modules/callweave');
}

/** Runs the program by the link that npm has made, with the given settings only; kills it when the test ends. */
export function installed(installation: Installation, args: readonly string[], surroundings: Surroundings): Program {
  return runProgram(join(projectFolder(installation), 'node_modules/.bin/callweave'), args, surroundings);
}
