import { Connection } from '@temporalio/client';
import { msToTs } from '@temporalio/common/lib/time.js';
import { WITHOUT_PROXY_OF_ENVIRONMENT } from '../process/loopback-host.js';
import { resolveBinary, defaultCacheDir } from './binary.js';
import { lockDataDir } from './data-lock.js';
import { freePort, isListening, LOOPBACK, startServerProcess, type ServerProcess } from './server-process.js';
import { temporalSources } from './temporal-binary.js';

const NAMESPACE = 'default';
const PREFERRED_PORT = 7233;
const PREFERRED_UI_PORT = 8233;

/** The retention of finished workflows. The default of a day is too short to look into a run of last Friday. */
export const RETENTION = msToTs('7 days');

export const SEARCH_ATTRIBUTES = ['CallweaveAccount', 'CallweaveMode'];

export const DYNAMIC_CONFIG = {
  // A task queue's rate limit is exact only with one partition.
  'matching.numTaskqueueReadPartitions': 1,
  'matching.numTaskqueueWritePartitions': 1,
  // Its single history shard otherwise polls 20 times a second: 10 sequential activities a second instead of 125.
  'history.transferProcessorMaxPollRPS': 1000,
  'history.timerProcessorMaxPollRPS': 1000,
  'history.visibilityProcessorMaxPollRPS': 1000,
};

export interface EmbeddedTemporalOptions {
  /** The folder with the database and the log; null keeps the database in memory. */
  readonly dataDir: string | null;
  /** Defaults to 7233, or a free port if that is taken. */
  readonly port?: number;
  /** Defaults to 8233, or a free port if that is taken. */
  readonly uiPort?: number;
  /** The folder for downloaded programs. Defaults to the user's cache folder. */
  readonly cacheDir?: string;
  /** Values that replace those of `DYNAMIC_CONFIG`; none by default. */
  readonly dynamicConfig?: Partial<typeof DYNAMIC_CONFIG>;
  readonly say: (line: string) => void;
}

export interface EmbeddedTemporal extends Pick<ServerProcess, 'pid' | 'ended' | 'stop'> {
  /** `host:port` of its gRPC service. */
  readonly address: string;
  readonly namespace: typeof NAMESPACE;
  readonly uiUrl: string;
}

/**
 * Starts Temporal's development server with Web UI on the loopback address, and waits until the namespace answers. The
 * search attributes are registered, and finished workflows are kept for 7 days.
 * @throws if another process uses `dataDir`, or if the server cannot be found or started
 */
export async function startEmbeddedTemporal(options: EmbeddedTemporalOptions): Promise<EmbeddedTemporal> {
  const { dataDir, cacheDir = defaultCacheDir, dynamicConfig = {}, say } = options;
  const lock = dataDir === null ? null : await lockDataDir({ dataDir, name: 'temporal' });
  try {
    const binary = await resolveBinary({
      server: 'Temporal',
      command: 'temporal',
      sources: temporalSources,
      cacheDir,
      say,
    });
    const port = options.port ?? (await freePort(PREFERRED_PORT));
    const uiPort = options.uiPort ?? (await freePort(PREFERRED_UI_PORT));
    const address = `${LOOPBACK}:${String(port)}`;
    const server = await startServerProcess({
      name: 'temporal',
      program: binary.path,
      args: serverArgs({ dataDir, port, uiPort, dynamicConfig, isKnownVersion: binary.source !== null }),
      // The server is CPU-bound: collecting garbage less often buys a fifth more workflows a second for some memory.
      env: { GOGC: '400' },
      dataDir,
      isReady: async () => (await isListening(port)) && (await setRetention(address)),
    });
    await lock?.nameServer(server.pid);
    async function stop(): Promise<void> {
      await server.stop();
      await lock?.release();
    }
    const uiUrl = `http://${LOOPBACK}:${String(uiPort)}`;
    return { address, namespace: NAMESPACE, uiUrl, pid: server.pid, ended: server.ended, stop };
  } catch (error) {
    await lock?.release();
    throw error;
  }
}

interface ServerArgs {
  readonly dataDir: string | null;
  readonly port: number;
  readonly uiPort: number;
  readonly dynamicConfig: Partial<typeof DYNAMIC_CONFIG>;
  readonly isKnownVersion: boolean;
}

function serverArgs({ dataDir, port, uiPort, dynamicConfig, isKnownVersion }: ServerArgs): string[] {
  const config = Object.entries({ ...DYNAMIC_CONFIG, ...dynamicConfig });
  return [
    ...['server', 'start-dev', '--ip', LOOPBACK, '--port', String(port), '--ui-port', String(uiPort)],
    ...['--namespace', NAMESPACE, '--log-level', 'warn'],
    ...SEARCH_ATTRIBUTES.flatMap((name) => ['--search-attribute', `${name}=Keyword`]),
    ...config.flatMap(([key, value]) => ['--dynamic-config-value', `${key}=${String(value)}`]),
    // A name relative to the data folder, because it becomes part of a URI that special characters would break.
    // With synchronous=off only a power cut, not a SIGKILL, can lose data, and the server is five times as fast.
    ...(dataDir === null ? [] : ['--db-filename', 'temporal.db', '--sqlite-pragma', 'synchronous=off']),
    // An older release on PATH would refuse to start with a flag it does not know.
    ...(isKnownVersion ? ['--ui-disable-news-fetch'] : []),
  ];
}

/** Sets the retention; false while the server does not answer for the namespace yet. */
async function setRetention(address: string): Promise<boolean> {
  try {
    const connection = await Connection.connect({
      address,
      connectTimeout: '2s',
      // The caller asks again. The SDK's own retries may outlive the connection, and then throw what nothing catches.
      interceptors: [],
      channelArgs: WITHOUT_PROXY_OF_ENVIRONMENT,
    });
    try {
      const config = { workflowExecutionRetentionTtl: RETENTION };
      await connection.workflowService.updateNamespace({ namespace: NAMESPACE, config });
      return true;
    } finally {
      await connection.close();
    }
  } catch {
    return false;
  }
}
