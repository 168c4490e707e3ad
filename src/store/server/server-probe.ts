import { randomUUID } from 'node:crypto';
import type { Db } from 'mongodb';
import { describing, StoreError } from '../errors.js';
import { addressOf } from './connect.js';
import { indexStates, type IndexState } from './indexes.js';
import { engineOf, requireExactCounts, UnfitServerError } from './server-check.js';

/** Facts that a server states about itself. */
export interface ServerFacts {
  /** Version of MongoDB that it is or claims to be; null if it states none. */
  readonly version: string | null;
  /** Name of an engine that poses as MongoDB; null for any other server. */
  readonly engine: string | null;
  /** True if it is the development stand-in of `callweave dev`. */
  readonly isStandIn: boolean;
  /** Name of its replica set; null if it runs alone. */
  readonly replicaSet: string | null;
}

/** The result of a write into a collection of its own. */
export interface WriteTrial {
  /** The reason why callweave cannot use the server, though it accepts the write; null if there is none. */
  readonly unfit: UnfitServerError | null;
  /** The collection and the error why it could not be removed; null if it was. */
  readonly leftOver: { readonly collection: string; readonly trouble: StoreError } | null;
}

/** Looks at the server without changing anything that stays. */
export class ServerProbe {
  readonly #db: Db;

  constructor(db: Db) {
    this.#db = db;
  }

  /** Hosts and ports of the connection string. */
  get address(): string {
    return addressOf(this.#db.client);
  }

  /** @throws StoreError */
  async facts(): Promise<ServerFacts> {
    return describing('asking the server for its version', async () => {
      const admin = this.#db.client.db('admin');
      const [hello, build] = await Promise.all([admin.command({ hello: 1 }), admin.command({ buildInfo: 1 })]);
      const { version, secantusVersion } = build;
      const { setName } = hello;
      return {
        version: typeof version === 'string' ? version : null,
        engine: engineOf({ hello, build }),
        isStandIn: secantusVersion !== undefined,
        replicaSet: typeof setName === 'string' ? setName : null,
      };
    });
  }

  /**
   * Returns by how many milliseconds the server's clock is ahead of this machine's (less than 0: behind), at least: the
   * time of the request is allowed for. Null if the server does not state its time.
   * @throws StoreError
   */
  async clockAheadMs(): Promise<number | null> {
    const beganMs = Date.now();
    const { localTime } = await describing('asking the server for its time', () =>
      this.#db.client.db('admin').command({ hello: 1 }),
    );
    if (!(localTime instanceof Date)) return null;
    return Math.max(0, localTime.getTime() - Date.now()) + Math.min(0, localTime.getTime() - beganMs);
  }

  /**
   * Writes a document into a new collection, which a majority must acknowledge, tries how the server counts updates,
   * and removes the collection.
   * @throws StoreError if the write is refused, or no majority acknowledges it in time
   */
  async tryWrite({ majorityWithinMs }: { majorityWithinMs: number }): Promise<WriteTrial> {
    const name = `callweave_check_${randomUUID()}`;
    const writeConcern = { w: 'majority', wtimeoutMS: majorityWithinMs } as const;
    let unfit: UnfitServerError | null = null;
    try {
      await describing(`writing into the collection ${name} of the database ${this.#db.databaseName}`, () =>
        this.#db.collection(name).insertOne({ writtenAt: new Date() }, { writeConcern }),
      );
      await requireExactCounts(this.#db, name);
    } catch (error) {
      if (!(error instanceof UnfitServerError)) {
        await this.#remove(name);
        throw error;
      }
      unfit = error;
    }
    return { unfit, leftOver: await this.#remove(name) };
  }

  /** Compares the indexes with those that callweave needs, and creates none. @throws StoreError */
  indexStates(): Promise<IndexState[]> {
    return indexStates(this.#db);
  }

  async #remove(collection: string): Promise<WriteTrial['leftOver']> {
    try {
      // The server that has written it removes it; the others follow.
      await describing(`removing the collection ${collection}`, () =>
        this.#db.collection(collection).drop({ writeConcern: { w: 1 } }),
      );
      return null;
    } catch (error) {
      if (!(error instanceof StoreError)) throw error;
      return { collection, trouble: error };
    }
  }
}
