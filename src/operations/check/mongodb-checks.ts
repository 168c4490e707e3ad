import { count } from '../../domain/count.js';
import { StoreError } from '../../store/errors.js';
import type { IndexState } from '../../store/server/indexes.js';
import { OtherReplicaSetError } from '../../store/server/replica-set.js';
import type { ServerFacts, WriteTrial } from '../../store/server/server-probe.js';
import { openStore, type Store } from '../../store/store.js';
import type { CheckResult } from './check-result.js';
import { failed, NoAnswerError, ok, SERVER_MS, skippedAfter, type Trials, warning, type Finding } from './trials.js';

export const MONGODB_CONNECTION = 'mongodb.connection';
const VERSION = 'mongodb.version';
const WRITE = 'mongodb.write';
const CLOCK = 'mongodb.clock';
const INDEXES = 'mongodb.indexes';

/** `AuthenticationFailed`, and that of Atlas. */
const WRONG_LOGIN: readonly (number | null)[] = [18, 8000];
/** `Unauthorized`. */
const NO_RIGHT = 13;

const LOG = 'Look into the log of the server, and run `callweave check` again';
const READ_WRITE = 'Give the user of MONGODB_URI the role readWrite on the database';

const OLDEST_VERSION = [4, 4] as const;
/** Less than {@link SERVER_MS}, so that the reason is reported. */
const CONNECT_WITHIN_MS = SERVER_MS - 500;
const MOST_CLOCK_OFFSET_MS = 5_000;
/** Less than the time of a check, so that a missing majority is reported as such. */
const MAJORITY_WITHIN_MS = 2_000;
/** A server that falls silent must not keep the process from ending. */
const SILENT_FOR_MS = 2_500;

interface Opened {
  /** Null if the server cannot be used. */
  readonly store: Store | null;
  readonly connection: CheckResult;
}

/** Tries to connect. The caller closes the store. */
export async function openForCheck(mongodb: { uri: string; database: string }, trials: Trials): Promise<Opened> {
  const opening = openStore({
    ...mongodb,
    connectWithinMs: CONNECT_WITHIN_MS,
    silentForMs: SILENT_FOR_MS,
    signal: trials.signal,
  });
  const look = async (): Promise<Finding> => {
    const { server } = await opening;
    return ok(`MongoDB at ${server.address} answers and accepts the login; the database is ${mongodb.database}`);
  };
  let isOpen = false;
  try {
    const connection = await trials.run({ id: MONGODB_CONNECTION, look, explain: connectionTrouble });
    isOpen = connection.state === 'ok';
    return { connection, store: isOpen ? await opening : null };
  } finally {
    if (!isOpen) void opening.then((store) => store.close()).catch(() => undefined);
  }
}

function connectionTrouble(error: unknown): Finding {
  if (error instanceof OtherReplicaSetError) return failed(error.finding, error.advice);
  if (error instanceof StoreError && WRONG_LOGIN.includes(error.code)) {
    return failed(
      messageOf(error),
      'Check the user and the password in MONGODB_URI, and authSource if the user is not one of the database that it names',
    );
  }
  return failed(
    error instanceof NoAnswerError ? `MongoDB: ${error.message}` : messageOf(error),
    'Check MONGODB_URI, and that the server runs and accepts connections from this machine (Atlas: its IP access list); ' +
      '`callweave dev` starts one',
  );
}

/** Checks a server that could be connected to. Removes what it writes. */
export async function checkMongodb({ server }: Store, trials: Trials): Promise<CheckResult[]> {
  const found: { facts?: ServerFacts; write?: WriteTrial } = {};
  const results = await Promise.all([
    trials.run({
      id: VERSION,
      look: async () => versionFinding({ facts: (found.facts = await server.facts()), write: null }),
      explain: failing(LOG),
    }),
    trials.run({
      id: WRITE,
      writes: true,
      look: async () => writeFinding((found.write = await server.tryWrite({ majorityWithinMs: MAJORITY_WITHIN_MS }))),
      explain: writeTrouble,
    }),
    trials.run({
      id: CLOCK,
      look: async () => clockFinding(await server.clockAheadMs()),
      explain: failing(LOG),
    }),
    trials.run({
      id: INDEXES,
      look: async () => indexFinding(await server.indexStates()),
      explain: failing(READ_WRITE),
    }),
  ]);
  const { facts, write } = found;
  if (facts === undefined || write === undefined) return results;
  // The way a server counts updates shows more than the version it states.
  const version = versionFinding({ facts, write });
  return results.map((result) => (result.id === VERSION ? { ...result, ...version } : result));
}

function failing(advice: string): (error: unknown) => Finding {
  return (error) => failed(messageOf(error), error instanceof NoAnswerError ? LOG : advice);
}

/** The results of {@link checkMongodb} if MongoDB could not be connected to. */
export function skippedMongodb(): CheckResult[] {
  return skippedAfter(MONGODB_CONNECTION, [VERSION, WRITE, CLOCK, INDEXES]);
}

/** Judges the version, and the trial of how the server counts updates if there was one. */
function versionFinding(of: { facts: ServerFacts; write: WriteTrial | null }): Finding {
  const { version, engine, isStandIn, replicaSet } = of.facts;
  const { unfit = null } = of.write ?? {};
  if (unfit !== null) return failed(unfit.finding, unfit.advice);
  if (version === null) return warning('the server does not state its version', 'Use MongoDB 4.4 or newer');
  if (engine !== null) {
    const tried =
      of.write === null ? 'its way to count updates could not be tried' : 'it counts updates as MongoDB does';
    return warning(
      `the server is ${engine}, which calls itself MongoDB ${version}; ${tried}`,
      'callweave is tested with MongoDB: prefer it if you can',
    );
  }
  if (isOlder(version)) return failed(`the server is MongoDB ${version}`, 'Use MongoDB 4.4 or newer');
  if (isStandIn) {
    return ok(
      `the server is the stand-in of \`callweave dev\`, for development only; it behaves as MongoDB ${version}`,
    );
  }
  return ok(`MongoDB ${version}, ${replicaSet === null ? 'a server alone' : `replica set ${replicaSet}`}`);
}

function isOlder(version: string): boolean {
  const [major = 0, minor = 0] = (version.match(/\d+/g) ?? []).map(Number);
  const [oldestMajor, oldestMinor] = OLDEST_VERSION;
  return major < oldestMajor || (major === oldestMajor && minor < oldestMinor);
}

function writeFinding({ leftOver }: WriteTrial): Finding {
  if (leftOver === null) return ok('a majority acknowledged a write; its collection is removed again');
  const { collection, trouble } = leftOver;
  return warning(
    `a majority acknowledged a write, but its collection ${collection} could not be removed: ${messageOf(trouble)}`,
    trouble.code === NO_RIGHT ? `Remove it. ${READ_WRITE}` : 'Remove it as soon as the server answers again',
  );
}

function writeTrouble(error: unknown): Finding {
  if (error instanceof StoreError && error.code === NO_RIGHT) {
    return failed(messageOf(error), READ_WRITE);
  }
  return failed(
    messageOf(error),
    'Run rs.status() on the server to see which members are down or too slow, and look into its log (disk full?)',
  );
}

function clockFinding(aheadMs: number | null): Finding {
  if (aheadMs === null) {
    return warning('the server does not state its time', 'Compare its clock with that of this machine');
  }
  if (Math.abs(aheadMs) <= MOST_CLOCK_OFFSET_MS) {
    return ok('the clocks of the server and of this machine differ by less than 5 seconds');
  }
  const seconds = count(Math.round(Math.abs(aheadMs) / 1_000), 'second');
  return failed(
    `the clock of the server is ${seconds} ${aheadMs > 0 ? 'ahead of' : 'behind'} the one of this machine`,
    'Set both clocks by NTP: holds and leases are compared with the time of each worker',
  );
}

/** More missing indexes of a collection than these are counted, not named. */
const MOST_NAMED = 2;

function indexFinding(states: readonly IndexState[]): Finding {
  const conflicts = states.flatMap((state) => state.conflicts);
  if (conflicts.length > 0) {
    return failed(conflicts.map(withoutDot).join('; '), 'Then start a worker, which makes the missing ones');
  }
  const lacking = states
    .map(({ collection, lacking: indexes }) => shortList({ collection, names: indexes.map(({ name }) => name) }))
    .filter((text) => text !== '');
  if (lacking.length > 0) {
    return warning(
      `indexes not made yet: ${lacking.join(', ')}`,
      'Start a worker (`callweave worker` or `callweave dev`), which makes them',
    );
  }
  const hidden = states.flatMap(({ collection, hidden: names }) => names.map((name) => `${collection}.${name}`));
  if (hidden.length > 0) {
    return warning(
      `hidden indexes, which no query uses: ${hidden.join(', ')}`,
      'Unhide them (db.COLLECTION.unhideIndex)',
    );
  }
  return ok('all indexes are there');
}

function shortList({ collection, names }: { collection: string; names: readonly string[] }): string {
  if (names.length > MOST_NAMED) return `${names.length} of ${collection}`;
  return names.map((name) => `${collection}.${name}`).join(', ');
}

function messageOf(error: unknown): string {
  return withoutDot(error instanceof Error ? error.message : String(error));
}

function withoutDot(text: string): string {
  return text.replace(/\.$/, '');
}
