/**
 * Checks the version of Node.js, installs the packages and builds, as far as that is needed. Uses only Node's own
 * modules, because it runs before the packages are installed.
 */
import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The file that the build writes last. */
const LAST_BUILT = 'dist/workflow-bundle.js';

export const root = fileURLToPath(new URL('..', import.meta.url));

/**
 * Checks Node.js and installs missing packages. Prints to stderr only. Throws an error that says what to do, if Node.js
 * is too old or the installation fails.
 */
export function prepare() {
  checkNodeVersion();
  if (isInstalled()) return;
  process.stderr.write('Installing packages (npm ci)\n');
  // The log level keeps an error visible below an `npm --silent`.
  run('npm', ['ci', '--include=dev', '--no-audit', '--no-fund', '--loglevel=warn']);
}

/** Builds callweave if the build is missing or older than its sources. Throws if that fails. */
export function prepareBuild() {
  if (isBuilt()) return;
  process.stderr.write('Building callweave\n');
  run('npm', ['run', '--silent', 'build']);
}

/** Runs a program in the checkout with its output on stderr. Throws if it fails. */
export function run(program, args) {
  const { status, error } = spawnSync(program, args, { cwd: root, stdio: ['ignore', 2, 2] });
  if (error !== undefined) throw new Error(`Cannot run "${program}": ${error.message}`);
  if (status !== 0) throw new Error(`"${[program, ...args].join(' ')}" failed (its output is above).`);
}

/** Returns the time of the last write to a file or folder, in milliseconds; 0 if it does not exist. */
export function writtenAt(path) {
  return statSync(join(root, path), { throwIfNoEntry: false })?.mtimeMs ?? 0;
}

function checkNodeVersion() {
  const { engines } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  const [major, minor] = process.versions.node.split('.').map(Number);
  const [neededMajor, neededMinor] = engines.node.match(/\d+/g).map(Number);
  if (major > neededMajor || (major === neededMajor && minor >= neededMinor)) return;
  throw new Error(
    `callweave needs Node.js ${neededMajor}.${neededMinor} or newer; this is ${process.versions.node}. ` +
      'Install a newer one, for example with "nvm install".',
  );
}

/** npm writes this file at the end of an installation. */
function isInstalled() {
  return writtenAt('node_modules/.package-lock.json') >= writtenAt('package-lock.json');
}

function isBuilt() {
  // Folders count too: removing a file changes only its folder.
  const sources = readdirSync(join(root, 'src'), { recursive: true }).map((path) => join('src', path));
  const inputs = ['src', 'package.json', 'package-lock.json', 'tsconfig.json', 'tsconfig.build.json', ...sources];
  const builtAt = writtenAt(LAST_BUILT);
  return inputs.every((path) => writtenAt(path) < builtAt);
}
