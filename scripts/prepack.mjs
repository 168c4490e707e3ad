/** Builds what `npm pack` packs, from nothing: files of sources that no longer exist must not be in the package. */
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { prepare, run, root } from './prepare.mjs';

try {
  prepare();
  rmSync(join(root, 'dist'), { recursive: true, force: true });
  run('npm', ['run', '--silent', 'build']);
} catch (error) {
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 1;
}
