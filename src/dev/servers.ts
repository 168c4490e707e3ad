import { startEmbeddedMongo } from '../embedded/mongodb.js';
import { startEmbeddedTemporal } from '../embedded/temporal.js';
import { describeTarget, webUiUrl, type TemporalAddress } from '../temporal/server/connect.js';

export interface DevServers {
  /** Null where the environment names a Temporal of its own. */
  readonly temporalAddress: TemporalAddress;
  readonly namespace: string;
  /** Null where nothing tells where the Web UI is. */
  readonly webUrl: string | null;
  readonly mongodbUri: string;
}

export interface WithDevServersInput {
  readonly dataDir: string;
  /** What the environment names is used as it is; null is started here. */
  readonly given: { readonly temporal: boolean; readonly mongodbUri: string | null };
  readonly say: (line: string) => void;
}

interface Running {
  /** Resolves when the server is gone: to an error where it ended by itself. */
  readonly ended: Promise<Error | null>;
  readonly stop: () => Promise<void>;
}

/**
 * Has a Temporal and a MongoDB for the time of `use`, and gives it a signal that aborts should one of ours end by
 * itself: that is then what this throws, whatever it did to `use`. Ours are gone when this returns or throws.
 */
export async function withDevServers<T>(
  input: WithDevServersInput,
  use: (servers: DevServers, signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const running: Running[] = [];
  const crash = new AbortController();
  const keep = <Server extends Running>(server: Server): Server => {
    running.push(server);
    void server.ended.then((error) => {
      if (error !== null) crash.abort(error);
    });
    return server;
  };
  try {
    const [temporal, mongodb] = await settled([temporalFor(input, keep), mongodbFor(input, keep)]);
    return await use({ ...temporal, ...mongodb }, crash.signal);
  } finally {
    await Promise.all(running.map((server) => server.stop()));
    crash.signal.throwIfAborted();
  }
}

/** Both, or the first error once neither is starting any more, so that none is left behind. */
async function settled<A, B>(starts: [Promise<A>, Promise<B>]): Promise<[A, B]> {
  await Promise.allSettled(starts);
  return Promise.all(starts);
}

type Keep = <Server extends Running>(server: Server) => Server;

async function temporalFor(
  { dataDir, given, say }: WithDevServersInput,
  keep: Keep,
): Promise<Pick<DevServers, 'temporalAddress' | 'namespace' | 'webUrl'>> {
  if (given.temporal) {
    const target = describeTarget(null);
    return { temporalAddress: null, namespace: target.namespace, webUrl: webUiUrl(target) };
  }
  const { address, namespace, uiUrl } = keep(await startEmbeddedTemporal({ dataDir, say }));
  return { temporalAddress: address, namespace, webUrl: uiUrl };
}

async function mongodbFor(
  { dataDir, given, say }: WithDevServersInput,
  keep: Keep,
): Promise<Pick<DevServers, 'mongodbUri'>> {
  if (given.mongodbUri !== null) return { mongodbUri: given.mongodbUri };
  const { uri } = keep(await startEmbeddedMongo({ dataDir, say }));
  return { mongodbUri: uri };
}
