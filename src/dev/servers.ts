import { startEmbeddedMongo } from '../embedded/mongodb.js';
import { startEmbeddedTemporal } from '../embedded/temporal.js';
import { describeTarget, webUiUrl, type TemporalAddress, type TemporalTarget } from '../temporal/server/connect.js';

/** Time for the Web UI to answer, on this machine. */
const WEB_UI_WITHIN_MS = 2_000;

export interface DevServers {
  /** The address of our Temporal; null if the environment names one. */
  readonly temporalAddress: TemporalAddress;
  readonly namespace: string;
  /** The URL of the Web UI; null if it is unknown. */
  readonly webUrl: string | null;
  readonly mongodbUri: string;
}

export interface WithDevServersInput {
  readonly dataDir: string;
  /** The servers that the environment names. The others are started here. */
  readonly given: { readonly temporal: boolean; readonly mongodbUri: string | null };
  readonly say: (line: string) => void;
}

interface Running {
  /** Resolves when the server has ended: to an error if it ended by itself, else to null. */
  readonly ended: Promise<Error | null>;
  readonly stop: () => Promise<void>;
}

/**
 * Starts Temporal and MongoDB unless the environment names them, runs `use` and stops them. The signal given to `use`
 * aborts if one of ours ends by itself.
 * @throws the reason why a server ended by itself, even if `use` then fails in another way
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

/** Waits until both starts have ended, so that none is left running, and then throws the first error. */
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
    return { temporalAddress: null, namespace: target.namespace, webUrl: await webUrlOf(target) };
  }
  const { address, namespace, uiUrl } = keep(await startEmbeddedTemporal({ dataDir, say }));
  return { temporalAddress: address, namespace, webUrl: uiUrl };
}

/**
 * Returns the URL of the Web UI; null if it is unknown. On this machine it is a guess, and the server may have no Web
 * UI, so it is null too if none answers there.
 */
async function webUrlOf(target: TemporalTarget): Promise<string | null> {
  const url = webUiUrl(target);
  const isGuess = url?.startsWith('http:') === true;
  return isGuess && !(await answers(url)) ? null : url;
}

async function answers(url: string): Promise<boolean> {
  try {
    const { ok, body } = await fetch(url, { signal: AbortSignal.timeout(WEB_UI_WITHIN_MS) });
    await body?.cancel();
    return ok;
  } catch {
    return false;
  }
}

async function mongodbFor(
  { dataDir, given, say }: WithDevServersInput,
  keep: Keep,
): Promise<Pick<DevServers, 'mongodbUri'>> {
  if (given.mongodbUri !== null) return { mongodbUri: given.mongodbUri };
  const { uri } = keep(await startEmbeddedMongo({ dataDir, say }));
  return { mongodbUri: uri };
}
