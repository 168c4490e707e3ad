/**
 * Runs callweave from a checkout: `npm start`, `npm run -s callweave -- <command>`. Installs and builds first what is
 * missing or older than its sources; stdout belongs to the command alone.
 */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { prepare, root, run, writtenAt } from './prepare.mjs';

/** What the build writes last. */
const LAST_BUILT = 'dist/workflow-bundle.js';

try {
  prepare();
  if (!isBuilt()) {
    process.stderr.write('Building callweave\n');
    run('npm', ['run', '--silent', 'build']);
  }
} catch (error) {
  process.stderr.write(`${error.message}\n`);
  process.exit(1);
}

const cli = join(root, 'dist/cli.js');
process.argv[1] = cli;
// In this process, so that signals and the exit code are the command's own.
await import(pathToFileURL(cli).href);

function isBuilt() {
  // Folders count too: removing a file changes only its folder.
  const sources = readdirSync(join(root, 'src'), { recursive: true }).map((path) => join('src', path));
  const inputs = ['src', 'package.json', 'package-lock.json', 'tsconfig.json', 'tsconfig.build.json', ...sources];
  const builtAt = writtenAt(LAST_BUILT);
  return inputs.every((path) => writtenAt(path) < builtAt);
}
