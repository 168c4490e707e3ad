/** The package of this checkout, installed by npm in folders of its own. */
import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../prepare.mjs';

/** All that packing reads: without `dist`, which it builds. */
const PACKED_FROM = [
  ...['.env.example', '.npmrc', 'CHANGELOG.md', 'CONTRIBUTING.md', 'LICENSE', 'README.md', 'SECURITY.md', 'docs'],
  ...['package.json', 'package-lock.json', 'scripts', 'src', 'tsconfig.json', 'tsconfig.build.json'],
];
const INSTALL = ['install', '--omit=dev', '--prefer-offline', '--no-audit', '--no-fund', '--loglevel=error'];

/**
 * Packs a copy of the checkout that has no build, and installs the package twice below `folder`: in `full`, and in `bare`
 * without the optional packages. Throws if that fails; what npm said is then on stderr.
 */
export function installPackage(folder) {
  process.stderr.write('Packing and installing the package\n');
  const checkout = join(folder, 'checkout');
  // With the times of the files, by which the build decides whether packages are installed.
  for (const path of PACKED_FROM) {
    cpSync(join(root, path), join(checkout, path), { recursive: true, preserveTimestamps: true });
  }
  symlinkSync(join(root, 'node_modules'), join(checkout, 'node_modules'));
  npm(['pack', '--pack-destination', folder, '--loglevel=error'], checkout);
  const tarball = readdirSync(folder).find((file) => file.endsWith('.tgz'));
  for (const [name, options] of [
    ['full', []],
    ['bare', ['--omit=optional']],
  ]) {
    const project = join(folder, name);
    mkdirSync(project);
    // Without it, npm would look for a project in the folders above.
    writeFileSync(join(project, 'package.json'), '{}\n');
    npm([...INSTALL, ...options, join(folder, tarball)], project);
  }
}

function npm(args, cwd) {
  const { status, error } = spawnSync('npm', args, { cwd, stdio: ['ignore', 2, 2] });
  if (error !== undefined) throw new Error(`Cannot run npm: ${error.message}`);
  if (status !== 0) throw new Error(`"npm ${args.join(' ')}" failed (its output is above).`);
}
