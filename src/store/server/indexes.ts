import { setTimeout as sleep } from 'node:timers/promises';
import { type Db, MongoServerError } from 'mongodb';
import { createClient, connectWithin, type DatabaseAddress } from './connect.js';
import { describing, isBrokenOff, StoreError } from '../errors.js';
import { INDEXES, type WantedIndex } from './index-definitions.js';
import { conflictWith, describeConflict, type ExistingIndex, serves } from './index-fit.js';

/** Progress of building the missing indexes of a collection, or the warning that some are hidden. */
export interface IndexNews {
  readonly what: 'building' | 'still building' | 'built' | 'building again' | 'hidden';
  readonly collection: string;
  readonly indexes: readonly string[];
  /** Number of documents in the collection, estimated; 0 for `hidden`. */
  readonly documents: number;
  /** Seconds since the build began. */
  readonly seconds: number;
}

/** The indexes of a collection, compared with those that callweave needs. */
export interface IndexState {
  readonly collection: string;
  /** Indexes in whose place no other serves. */
  readonly lacking: readonly WantedIndex[];
  /** Names of indexes in whose place only hidden ones are, which no query uses. */
  readonly hidden: readonly string[];
  /** Texts that name the indexes in the way of the lacking ones, and what to do about them. */
  readonly conflicts: readonly string[];
}

export interface EnsureIndexesOptions {
  readonly onNews?: (news: IndexNews) => void;
  /** Ends the wait when aborted; the server continues to build. */
  readonly signal?: AbortSignal;
}

interface Build extends EnsureIndexesOptions {
  /** A database whose client waits as long as a build may take. */
  readonly patient: Db;
  readonly collection: string;
}

/** Time for one build: a large collection takes hours at most, and TCP keep-alive notices a server that is gone. */
const BUILD_TIMEOUT_MS = 24 * 3_600_000;
const NEWS_EVERY_MS = 30_000;
const CONNECT_WITHIN_MS = 25_000;

const MAX_LOSSES_IN_A_ROW = 5;
const PAUSE_AFTER_LOSS_MS = 1_000;

const NAMESPACE_NOT_FOUND = 26;
/** IndexOptionsConflict, IndexKeySpecsConflict. */
const CONFLICT_CODES: readonly (number | null)[] = [85, 86];
/**
 * Codes of a server without commit quorum: BadValue, FailedToParse, InvalidOptions, CommandNotSupported, unknown field.
 */
const UNKNOWN_OPTION_CODES: readonly (number | null)[] = [2, 9, 72, 115, 40415];

/**
 * Creates the missing indexes, except those in whose place another index serves; any number of processes may call it.
 * A separate connection waits for as long as the builds take. On a replica set a build is done once a majority has it,
 * so that a member that is down delays nothing.
 * @throws StoreError if an index cannot be created; not retryable if another index is in the way
 */
export async function ensureIndexes(
  { db, address }: { db: Db; address: DatabaseAddress },
  options: EnsureIndexesOptions = {},
): Promise<void> {
  const states = await indexStates(db);
  for (const { collection, hidden: indexes } of states) {
    if (indexes.length > 0) options.onNews?.({ what: 'hidden', collection, indexes, documents: 0, seconds: 0 });
  }
  const missing = states.filter(({ lacking }) => lacking.length > 0);
  if (missing.length === 0) return;
  const client = createClient(address.uri, { socketTimeoutMS: BUILD_TIMEOUT_MS });
  const stop = (): void => void client.close();
  options.signal?.addEventListener('abort', stop);
  try {
    options.signal?.throwIfAborted();
    await connectWithin(client, CONNECT_WITHIN_MS);
    // The commit quorum already waits for a majority.
    const patient = client.db(address.database, { writeConcern: { w: 1 } });
    for (const { collection, lacking } of missing) await build({ ...options, patient, collection }, lacking);
  } finally {
    options.signal?.removeEventListener('abort', stop);
    await client.close();
  }
}

/** Compares the indexes of the server with those that callweave needs, and creates none. */
export async function indexStates(db: Db): Promise<IndexState[]> {
  return Promise.all(
    Object.entries(INDEXES).map(async ([collection, wanted]) => {
      const existing = await listIndexes(db, collection);
      const lacking = wanted.filter((index) => !existing.some((each) => serves(each, index)));
      const hidden = wanted.filter((index) => isHidden(existing, index)).map(({ name }) => name);
      return { collection, lacking, hidden, conflicts: conflictsOf({ collection, wanted: lacking, existing }) };
    }),
  );
}

function isHidden(existing: readonly ExistingIndex[], wanted: WantedIndex): boolean {
  const serving = existing.filter((index) => serves(index, wanted));
  return serving.length > 0 && serving.every(({ hidden }) => hidden === true);
}

async function listIndexes(db: Db, collection: string): Promise<readonly ExistingIndex[]> {
  return describing(`${collection}: listing the indexes`, async () => {
    try {
      return await db.collection(collection).indexes();
    } catch (error) {
      if (error instanceof MongoServerError && error.code === NAMESPACE_NOT_FOUND) return [];
      throw error;
    }
  });
}

/**
 * Builds the indexes of one collection. If the connection is lost, the server continues to build; another request then
 * waits for the same build.
 */
async function build(of: Build, wanted: readonly WantedIndex[]): Promise<void> {
  const { patient, collection, onNews, signal } = of;
  const indexes = wanted.map(({ name }) => name);
  const beganMs = Date.now();
  const documents = await describing(`${collection}: counting documents`, () =>
    patient.collection(collection).estimatedDocumentCount(),
  );
  const tell = (what: IndexNews['what']): void => {
    onNews?.({ what, collection, indexes, documents, seconds: Math.round((Date.now() - beganMs) / 1000) });
  };
  tell('building');
  const timer = setInterval(() => tell('still building'), NEWS_EVERY_MS);
  try {
    for (let losses = 1; ; losses += 1) {
      try {
        await createIndexes(of, wanted);
        break;
      } catch (error) {
        if (!isBrokenOff(error) || losses === MAX_LOSSES_IN_A_ROW || signal?.aborted === true) throw error;
        tell('building again');
        await sleep(PAUSE_AFTER_LOSS_MS);
      }
    }
  } finally {
    clearInterval(timer);
  }
  tell('built');
}

/** Describes the indexes that keep the server from creating the wanted ones. */
function conflictsOf(of: {
  collection: string;
  wanted: readonly WantedIndex[];
  existing: readonly ExistingIndex[];
}): string[] {
  const { collection, wanted, existing } = of;
  return wanted.flatMap((index) => {
    const inTheWay = conflictWith(existing, index);
    return inTheWay === null ? [] : [describeConflict({ collection, wanted: index, existing: inTheWay })];
  });
}

async function createIndexes({ patient, collection }: Build, wanted: readonly WantedIndex[]): Promise<void> {
  const specifications = wanted.map((index) => ({ ...index, key: { ...index.key } }));
  const names = wanted.map(({ name }) => name).join(', ');
  const create = (options: { commitQuorum?: string }): Promise<string[]> =>
    describing(`${collection}: creating the indexes ${names}`, () =>
      patient.collection(collection).createIndexes(specifications, options),
    );
  try {
    await create({ commitQuorum: 'majority' }).catch((error: unknown) => {
      if (error instanceof StoreError && UNKNOWN_OPTION_CODES.includes(error.code)) return create({});
      throw error;
    });
  } catch (error) {
    if (!(error instanceof StoreError) || !CONFLICT_CODES.includes(error.code)) throw error;
    throw await explained({ patient, collection, wanted, error });
  }
}

/** Returns an error that names every index in the way; the server's own names only one. */
async function explained(conflict: {
  patient: Db;
  collection: string;
  wanted: readonly WantedIndex[];
  error: StoreError;
}): Promise<StoreError> {
  const { patient, collection, wanted, error } = conflict;
  const reasons = conflictsOf({ collection, wanted, existing: await listIndexes(patient, collection) });
  if (reasons.length === 0) return error;
  return new StoreError(`MongoDB: ${reasons.join('; ')}`, { retryable: false, code: error.code, cause: error });
}
