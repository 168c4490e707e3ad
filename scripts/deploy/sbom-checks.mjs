/** Checks of the software bill of materials that `npm run -s sbom` writes. */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../prepare.mjs';

/** Returns the checks: `{name, run}`. `run` throws the reason if the check fails. */
export function sbomChecks() {
  return [
    { name: 'the SBOM names every production package of the lock file', run: () => checkNamed(readSbom()) },
    { name: 'the SBOM is one of this version of callweave', run: () => checkSubject(readSbom()) },
  ];
}

/** Returns the SBOM, in the form of CycloneDX. */
function readSbom() {
  const options = { cwd: root, encoding: 'utf8', maxBuffer: 64 * 1_024 * 1_024 };
  return JSON.parse(execFileSync('npm', ['run', '--silent', 'sbom'], options));
}

function checkNamed({ components }) {
  const named = components.map(({ group, name, version }) => `${group ? `${group}/` : ''}${name}@${version}`);
  const locked = Object.entries(readJson('package-lock.json').packages)
    .filter(([path, { dev }]) => path !== '' && !dev)
    .map(([path, { name, version }]) => `${name ?? path.replace(/^.*node_modules\//, '')}@${version}`);
  const missing = locked.filter((id) => !named.includes(id));
  const surplus = named.filter((id) => !locked.includes(id));
  if (missing.length + surplus.length > 0 || locked.length === 0) {
    throw new Error(
      `it lacks ${missing.join(', ') || 'nothing'}; it should not have ${surplus.join(', ') || 'nothing'}`,
    );
  }
}

function checkSubject({ bomFormat, specVersion, metadata }) {
  const { name, version } = readJson('package.json');
  const { component } = metadata;
  if (bomFormat !== 'CycloneDX' || specVersion === undefined) throw new Error(`it is ${bomFormat} ${specVersion}`);
  if (component.name !== name || component.version !== version) {
    throw new Error(`it is about ${component.name} ${component.version}`);
  }
}

function readJson(name) {
  return JSON.parse(readFileSync(join(root, name), 'utf8'));
}
