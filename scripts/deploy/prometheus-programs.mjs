/** The programs `promtool` and `prometheus`. */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { defaultCacheDir } from '../../dist/embedded/binary.js';

/** Folder of the unpacked Debian package. */
const UNPACKED = join(defaultCacheDir, 'debian-prometheus');
const ADVICE =
  'Install Prometheus (on Debian or Ubuntu: apt-get install prometheus), so that promtool and prometheus are on PATH.';

/**
 * Finds both programs on PATH or among those unpacked earlier, or else unpacks Debian's package `prometheus` into the
 * cache folder, which installs nothing and starts no service. Throws an error that says what to do, if that fails.
 */
export function prometheusPrograms() {
  const onPath = { promtool: 'promtool', prometheus: 'prometheus' };
  if (versionOf(onPath) !== null) return say(onPath, 'on PATH');
  const unpacked = { promtool: join(UNPACKED, 'usr/bin/promtool'), prometheus: join(UNPACKED, 'usr/bin/prometheus') };
  if (!existsSync(UNPACKED)) unpack();
  if (versionOf(unpacked) === null) throw new Error(`The programs in ${UNPACKED} do not run. Remove it, or: ${ADVICE}`);
  return say(unpacked, `of Debian's package, in ${UNPACKED}`);
}

function say(programs, where) {
  process.stderr.write(`Prometheus ${versionOf(programs)} ${where}\n`);
  return programs;
}

/** Returns the version of the programs; null if one of them does not run. */
function versionOf({ promtool, prometheus }) {
  const versions = [promtool, prometheus].map((program) => {
    const { status, stdout } = spawnSync(program, ['--version'], { encoding: 'utf8' });
    return status === 0 ? (/version (\S+)/.exec(stdout)?.[1] ?? 'of unknown version') : null;
  });
  return versions.includes(null) ? null : versions[0];
}

function unpack() {
  process.stderr.write('promtool and prometheus are not on PATH: downloading the package prometheus with apt-get\n');
  mkdirSync(defaultCacheDir, { recursive: true });
  const folder = mkdtempSync(join(defaultCacheDir, 'debian-prometheus-'));
  try {
    // A fresh container has no list of packages, and only root may fetch one.
    if (!download(folder) && !(process.getuid?.() === 0 && runIn(folder, 'apt-get', 'update') && download(folder))) {
      throw new Error(`apt-get cannot download the package prometheus (its reason is above). ${ADVICE}`);
    }
    const [archive] = readdirSync(folder).filter((name) => name.endsWith('.deb'));
    if (!runIn(folder, 'dpkg-deb', '--extract', archive, 'unpacked')) {
      throw new Error(`dpkg-deb cannot unpack ${archive} (its reason is above). ${ADVICE}`);
    }
    renameSync(join(folder, 'unpacked'), UNPACKED);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function download(folder) {
  return runIn(folder, 'apt-get', 'download', 'prometheus');
}

/** Runs a program with its output on our stderr. Returns true if it succeeds. */
function runIn(cwd, program, ...args) {
  const { status, error } = spawnSync(program, args, { cwd, stdio: ['ignore', 2, 2] });
  if (error !== undefined) process.stderr.write(`Cannot run "${program}": ${error.message}\n`);
  return status === 0;
}
