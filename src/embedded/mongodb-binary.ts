import { readdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { execa } from 'execa';
import { assertReachable, type BinarySource } from './binary.js';
import { moduleUrl } from './optional-package.js';
import { wheelSource } from './wheel.js';

const MONGODB_VERSION = '8.2.6';
const SECANTUS_VERSION = '0.6.0b17';
const DOWNLOAD_LIMIT_MS = 600_000;

/** Runs in a separate process, because the package reports its progress on stdout, which is for our results. */
const DOWNLOAD = `
  const [server, downloadDir, version] = process.argv.slice(1);
  const { MongoBinary } = (await import(server)).default;
  try {
    await MongoBinary.getPath({ downloadDir, version });
  } catch (error) {
    console.error(error.message);
    process.exitCode = 1;
  }
`;

const mongodDownload: BinarySource = {
  label: `download of mongod ${MONGODB_VERSION}`,
  folder: `mongod-${MONGODB_VERSION}`,
  program: 'mongod',
  optionalPackage: 'mongodb-memory-server-core',
  async fetch(folder) {
    await assertReachable('https://fastdl.mongodb.org');
    const server = moduleUrl('mongodb-memory-server-core');
    await execa(process.execPath, ['--input-type=module', '--eval', DOWNLOAD, server, folder, MONGODB_VERSION], {
      stdin: 'ignore',
      timeout: DOWNLOAD_LIMIT_MS,
      env: {
        MONGOMS_DOWNLOAD_DIR: folder,
        MONGOMS_SYSTEM_BINARY: '',
        // The package counts attempts, not retries: with 0 it would never try.
        MONGOMS_MAX_RETRIES: '1',
        // Without it the package does not check the host's certificate.
        npm_config_strict_ssl: 'true',
      },
    });
    await keepProgram(folder);
  },
};

async function keepProgram(folder: string): Promise<void> {
  const files = await readdir(folder);
  const program = files.find((name) => name.startsWith('mongod-') && !name.endsWith('.md5'));
  if (program === undefined) throw new Error(`the download left no mongod in ${folder}`);
  await rename(join(folder, program), join(folder, 'mongod'));
  await Promise.all(files.filter((name) => name !== program).map((name) => rm(join(folder, name))));
}

const linuxProgram = 'secantusdb.scripts/secantusd-rs';

/** A development stand-in for MongoDB, which speaks the wire protocol over WiredTiger. */
export const standIn: BinarySource = wheelSource({
  distribution: 'SecantusDB',
  version: SECANTUS_VERSION,
  programs: {
    'linux-x64': { tag: 'manylinux_2_28_x86_64', program: linuxProgram },
    'linux-arm64': { tag: 'manylinux_2_28_aarch64', program: linuxProgram },
    'darwin-arm64': { tag: 'macosx_11_0_arm64', program: `secantusdb-${SECANTUS_VERSION}.data/scripts/secantusd-rs` },
  },
});

/** Sources in the order in which they are tried. */
export const mongodbSources: readonly BinarySource[] = [mongodDownload, standIn];
