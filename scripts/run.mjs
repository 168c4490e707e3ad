/**
 * Runs callweave from a checkout (`npm start`, `npm run -s callweave -- <command>`), after installing packages and
 * building if needed. Only the command writes to stdout.
 */
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { prepare, prepareBuild, root } from './prepare.mjs';

try {
  prepare();
  prepareBuild();
} catch (error) {
  process.stderr.write(`${error.message}\n`);
  process.exit(1);
}

const cli = join(root, 'dist/cli.js');
process.argv[1] = cli;
// In this process, so that signals and the exit code are the command's own.
await import(pathToFileURL(cli).href);
