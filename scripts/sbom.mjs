/**
 * Writes the software bill of materials (SBOM) of callweave to stdout, in the form of CycloneDX (`npm run -s sbom`). It has the
 * production packages of the lock file. `npm sbom --omit=dev` alone would leave out those that a package for development
 * needs too, so npm gets a lock file without these.
 */
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { root } from './prepare.mjs';

const { name, ...manifest } = readJson('package.json');
const lock = readJson('package-lock.json');
const folder = mkdtempSync(join(tmpdir(), 'callweave-sbom-'));
try {
  // npm takes the name of the folder for that of the subject.
  const project = join(folder, name);
  mkdirSync(project);
  writeJson(join(project, 'package.json'), { ...withoutDev(manifest), name });
  writeJson(join(project, 'package-lock.json'), { ...lock, packages: productionPackages() });
  const args = ['sbom', '--package-lock-only', '--sbom-format=cyclonedx', '--sbom-type=application'];
  const { status, error } = spawnSync('npm', args, { cwd: project, stdio: ['ignore', 'inherit', 'inherit'] });
  if (error !== undefined) throw error;
  process.exitCode = status ?? 1;
} finally {
  rmSync(folder, { recursive: true, force: true });
}

function productionPackages() {
  const production = Object.entries(lock.packages).filter(([, { dev }]) => dev !== true);
  return Object.fromEntries(production.map(([path, entry]) => [path, path === '' ? withoutDev(entry) : entry]));
}

function withoutDev(content) {
  return Object.fromEntries(Object.entries(content).filter(([key]) => key !== 'devDependencies'));
}

function readJson(file) {
  return JSON.parse(readFileSync(join(root, file), 'utf8'));
}

function writeJson(path, content) {
  writeFileSync(path, JSON.stringify(content));
}
