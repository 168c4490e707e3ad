import { randomUUID } from 'node:crypto';
import type { Collection, Db, Document } from 'mongodb';
import { addressOf, WRITE_CONCERN } from './connect.js';
import { describing, StoreError } from '../errors.js';

interface ProbeDocument {
  readonly _id: string;
  readonly revision: number;
}

const FITTING_SERVERS =
  'Set MONGODB_URI to MongoDB 4.4 or newer; FerretDB, and DocumentDB as Azure and others run it, do not work';

/** A server on which callweave would lose data. */
export class UnfitServerError extends StoreError {
  /** The server's name and address, and the reason. */
  readonly finding: string;
  readonly advice = FITTING_SERVERS;

  constructor(finding: string) {
    super(`MongoDB: ${finding}. ${FITTING_SERVERS}.`, { retryable: false });
    this.finding = finding;
  }
}

/** Codes of servers that do not know updates with a pipeline: their form, the command, or one of the stages. */
const UNKNOWN_UPDATE_CODES: ReadonlySet<number | null> = new Set([2, 9, 14, 59, 115, 168, 303, 40324]);

/**
 * Checks, with a document of the collection that is deleted afterwards, that the server counts as modified only the
 * documents an update has changed. A writer learns from that count alone that another writer came first; without it,
 * changes would be lost.
 *
 * @throws UnfitServerError with the server's name, if it counts otherwise or does not know such updates
 */
export async function requireExactCounts(db: Db, collection = 'probes'): Promise<void> {
  const probes = db.collection<ProbeDocument>(collection);
  const counts = await describing(`${collection}: checking how the server counts updates`, () =>
    countsOf(probes),
  ).catch(async (error: unknown) => {
    if (!(error instanceof StoreError) || !UNKNOWN_UPDATE_CODES.has(error.code)) throw error;
    throw await unfit(db, `it refuses updates with a pipeline, which callweave needs (code ${error.code})`);
  });
  if (counts.without !== 0) {
    throw await unfit(
      db,
      `an update that changes nothing must count as 0 modified, but this server counts ${counts.without}: two writers ` +
        'of one call would overwrite each other unnoticed',
    );
  }
  if (counts.withEffect !== 1) {
    throw await unfit(
      db,
      `an update that changes a document must count as 1 modified, but this server counts ${counts.withEffect}`,
    );
  }
}

/** Returns how many documents count as modified by an update whose guard fails, and by one whose guard passes. */
async function countsOf(probes: Collection<ProbeDocument>): Promise<{ without: number; withEffect: number }> {
  const _id = randomUUID();
  await probes.insertOne({ _id, revision: 1 });
  try {
    const without = await probes.updateOne({ _id }, changingAt(0));
    const withEffect = await probes.updateOne({ _id }, changingAt(1));
    return { without: without.modifiedCount, withEffect: withEffect.modifiedCount };
  } finally {
    await probes.deleteOne({ _id }, { writeConcern: WRITE_CONCERN });
  }
}

/** Returns an update of the same form as the guarded updates of calls and checkpoints. */
function changingAt(revision: number): Document[] {
  const changed = { $mergeObjects: ['$$ROOT', { $literal: { revision: revision + 1 } }] };
  return [{ $replaceWith: { $cond: [{ $eq: ['$revision', revision] }, changed, '$$ROOT'] } }];
}

async function unfit(db: Db, rule: string): Promise<UnfitServerError> {
  const name = await serverName(db);
  return new UnfitServerError(`${name} at ${addressOf(db.client)} cannot be used: ${rule}`);
}

async function serverName({ client }: Db): Promise<string> {
  try {
    return await describing('asking the server for its name', async () =>
      nameOf({
        hello: await client.db('admin').command({ hello: 1 }),
        build: await client.db('admin').command({ buildInfo: 1 }),
      }),
    );
  } catch (error) {
    if (!(error instanceof StoreError)) throw error;
    return 'the server';
  }
}

/** Returns a server's name. A server that poses as MongoDB gives its own name in other fields of its answers. */
export function nameOf({ hello, build }: { hello: Document; build: Document }): string {
  const version = `MongoDB ${textOf(build['version']) ?? '(unknown version)'}`;
  const engine = engineOf({ hello, build });
  return engine === null ? `the server that calls itself ${version}` : `${engine}, which calls itself ${version},`;
}

/** Returns the name of a server that poses as MongoDB; null for any other. */
export function engineOf({ hello, build }: { hello: Document; build: Document }): string | null {
  const ferretVersion = textOf(fieldOf(build['ferretdb'], 'version'));
  if (build['ferretdb'] !== undefined) return ferretVersion === null ? 'FerretDB' : `FerretDB ${ferretVersion}`;
  const isDocumentDb = ['documentdb_versions', 'cosmos_versions'].some(
    (field) => fieldOf(hello['internal'], field) !== undefined,
  );
  return isDocumentDb ? 'DocumentDB' : null;
}

function fieldOf(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null
    ? new Map<string, unknown>(Object.entries(value)).get(name)
    : undefined;
}

function textOf(value: unknown): string | null {
  return typeof value === 'string' ? value : null;
}
