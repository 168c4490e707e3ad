import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { MongoClient } from 'mongodb';
import { resolveBinary, defaultCacheDir } from './binary.js';
import { lockDataDir } from './data-lock.js';
import { freePort, isListening, LOOPBACK, startServerProcess, type ServerProcess } from './server-process.js';
import { mongodbSources, standIn } from './mongodb-binary.js';

const PREFERRED_PORT = 27017;

const OLDEST_VERSION = [4, 4] as const;

/** Longest start: after a SIGKILL a server with much data reads its journal first. */
const START_LIMIT_MS = 10 * 60_000;

type MongoKind = 'mongod' | 'secantusd-rs';

export interface EmbeddedMongoOptions {
  /** The folder with the database in `mongodb/` and the log in `logs/`. */
  readonly dataDir: string;
  /** Defaults to 27017, or a free port if that is taken. */
  readonly port?: number;
  /** The folder for downloaded programs. Defaults to the user's cache folder. */
  readonly cacheDir?: string;
  readonly say: (line: string) => void;
}

export interface EmbeddedMongo extends Pick<ServerProcess, 'pid' | 'ended' | 'stop'> {
  readonly uri: string;
  readonly kind: MongoKind;
}

/**
 * Starts a MongoDB server, or its development stand-in, on the loopback address, and waits until it answers a ping.
 * Writes acknowledged with `w: majority` survive a SIGKILL of the server.
 * @throws if another process uses `dataDir`, or if the server cannot be found or started
 */
export async function startEmbeddedMongo(options: EmbeddedMongoOptions): Promise<EmbeddedMongo> {
  const { dataDir, cacheDir = defaultCacheDir, say } = options;
  const lock = await lockDataDir({ dataDir, name: 'mongodb' });
  try {
    const binary = await resolveBinary({
      server: 'MongoDB',
      command: 'mongod',
      refusal: refusalOf,
      sources: mongodbSources,
      cacheDir,
      say,
    });
    const kind = binary.source === standIn ? 'secantusd-rs' : 'mongod';
    if (kind === 'secantusd-rs')
      say('MongoDB: THIS IS A STAND-IN (secantusd-rs) for development and tests, not for production');
    const port = options.port ?? (await freePort(PREFERRED_PORT));
    // Relative to the data folder, in which the server runs, so that no argument contains that folder's name.
    const folder = join('mongodb', kind);
    await mkdir(join(dataDir, folder), { recursive: true });
    const uri = `mongodb://${LOOPBACK}:${String(port)}/?directConnection=true`;
    const server = await startServerProcess({
      name: 'mongodb',
      program: binary.path,
      args: kind === 'mongod' ? mongodArgs({ folder, port }) : standInArgs({ folder, port }),
      dataDir,
      startLimitMs: START_LIMIT_MS,
      isReady: async () => (await isListening(port)) && (await ping(uri)),
    });
    await lock.nameServer(server.pid);
    async function stop(): Promise<void> {
      await server.stop();
      await lock.release();
    }
    return { uri, kind, pid: server.pid, ended: server.ended, stop };
  } catch (error) {
    await lock.release();
    throw error;
  }
}

/** Returns why a `mongod` cannot be used; null if it can, or if its version cannot be read. */
function refusalOf(version: string): string | null {
  const [, major = Infinity, minor = Infinity] = /v(\d+)\.(\d+)/.exec(version)?.map(Number) ?? [];
  const [oldestMajor, oldestMinor] = OLDEST_VERSION;
  const isOld = major < oldestMajor || (major === oldestMajor && minor < oldestMinor);
  return isOld ? `callweave needs MongoDB ${OLDEST_VERSION.join('.')} or newer` : null;
}

interface MongoArgs {
  readonly folder: string;
  readonly port: number;
}

/**
 * Returns the arguments of a standalone server. Nothing needs a replica set, whose stored configuration would contain
 * the port of the first start, and a standalone acknowledges `w: majority` only from its journal on disk.
 * https://www.mongodb.com/docs/manual/reference/write-concern/#acknowledgment-behavior
 */
function mongodArgs({ folder, port }: MongoArgs): string[] {
  return ['--dbpath', folder, '--bind_ip', LOOPBACK, '--port', String(port)];
}

/**
 * Returns the arguments of the stand-in. Without `--sync-on-commit` a SIGKILL loses acknowledged writes. By default its
 * cache may grow to 4 GB, and its log takes 2 GB of disk at once.
 */
function standInArgs({ folder, port }: MongoArgs): string[] {
  const storage = ['--storage-path', folder, '--sync-on-commit', '--cache-size', '512M', '--log-file-max', '256MB'];
  return ['--host', LOOPBACK, '--port', String(port), '--log-level', 'WARNING', ...storage];
}

/** Returns false while the server does not answer yet. */
async function ping(uri: string): Promise<boolean> {
  const client = new MongoClient(uri, { serverSelectionTimeoutMS: 2000, connectTimeoutMS: 2000 });
  try {
    await client.db('admin').command({ ping: 1 }, { timeoutMS: 2000 });
    return true;
  } catch {
    return false;
  } finally {
    await client.close();
  }
}
