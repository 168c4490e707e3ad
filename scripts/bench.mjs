/**
 * Runs a measurement of `bench/` on the built sources: `npm run bench -- <name> [options]`. Without a name, lists all.
 */
import { readdirSync } from 'node:fs';
import { basename, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { prepare, prepareBuild, root } from './prepare.mjs';

const folder = join(root, 'bench');
const files = readdirSync(folder).filter((file) => file.endsWith('.mjs'));
const names = files.map((file) => basename(file, '.mjs'));
const [name, ...args] = process.argv.slice(2);

if (!names.includes(name)) {
  process.stderr.write(`Usage: npm run bench -- <name> [options]. The names are: ${names.join(', ')}\n`);
  process.exit(2);
}
try {
  prepare();
  prepareBuild();
} catch (error) {
  process.stderr.write(`${error.message}\n`);
  process.exit(1);
}
const { bench } = await import(pathToFileURL(join(folder, `${name}.mjs`)).href);
await bench(args);
