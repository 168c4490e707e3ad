/** The machine and the versions with which figures were measured. */
import { execFileSync } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { cpus, release, totalmem, type } from 'node:os';

const ROOT = new URL('../../', import.meta.url);

/** Returns the machine, and for each part its sizes, its seconds and the load average before and after it. */
export async function describeMachine(measured) {
  const parts = measured.map(({ name, sizes, isSmall, loadBefore, loadAfter, seconds }) => [
    name,
    { sizes, isFullSize: !isSmall, seconds, loadAverage: [loadBefore, loadAfter] },
  ]);
  return {
    cpu: cpus()[0]?.model ?? 'unknown',
    cores: cpus().length,
    memoryGib: Math.round(totalmem() / 1_024 ** 3),
    system: `${type()} ${release()}`,
    parts: Object.fromEntries(parts),
  };
}

/** Returns the versions of callweave, with its commit if it is a checkout, and of what it ran with. */
export async function describeVersions() {
  const { version, dependencies } = JSON.parse(await readFile(new URL('package.json', ROOT), 'utf8'));
  return {
    callweave: version,
    commit: commit(),
    node: process.versions.node,
    temporalSdk: dependencies['@temporalio/worker'],
    mongodbDriver: dependencies.mongodb,
  };
}

/** Returns the commit with `+` if files differ from it; null without git. */
function commit() {
  try {
    const git = (...args) =>
      execFileSync('git', args, { cwd: ROOT, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
    const changed = git('status', '--porcelain', '--', 'src', 'bench', 'package-lock.json').trim();
    return `${git('rev-parse', '--short', 'HEAD').trim()}${changed === '' ? '' : '+'}`;
  } catch {
    return null;
  }
}
