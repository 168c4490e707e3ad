import type { AnyBulkWriteOperation, Collection, Db } from 'mongodb';
import type { AlertChange, AlertPost, AlertRecord, PostInProgress } from '../../domain/alerts/alert-record.js';
import type { AttentionCode } from '../../domain/alerts/attention.js';
import { alertIdOf, type AlertKey } from '../../domain/alerts/conditions.js';
import { describing, isDuplicateKey } from '../errors.js';

interface AlertDocument extends AlertRecord {
  /** Account and code, as {@link alertIdOf} writes them. */
  readonly _id: string;
}

const RECORD = { projection: { _id: 0 } } as const;
/** Fields of a record that no post and no mute has set yet. */
const UNTOLD = { told: null, toldAt: null } as const;

/** Outcome of an attempt to post that failed. */
export type FailedPost = Pick<PostInProgress, 'attempts' | 'nextAt' | 'trouble' | 'refusedSince'>;

/** The collection `alerts`: one document for each account and code that was ever raised or muted. */
export class AlertStore {
  readonly #alerts: Collection<AlertDocument>;

  constructor(db: Db) {
    this.#alerts = db.collection('alerts');
  }

  /** Lists all records, sorted by account and code. */
  async list(): Promise<AlertRecord[]> {
    return describing('alerts: reading all', () =>
      this.#alerts.find<AlertRecord>({}, RECORD).sort({ account: 1, code: 1 }).toArray(),
    );
  }

  async read(key: AlertKey): Promise<AlertRecord | null> {
    return describing(`alerts: reading ${alertIdOf(key)}`, () =>
      this.#alerts.findOne<AlertRecord>({ _id: alertIdOf(key) }, RECORD),
    );
  }

  /** Lists the posts that the receiver refuses, or has not taken since an instant. */
  async notTaken({ since }: { since: Date }): Promise<PostInProgress[]> {
    const refused = { 'post.refusedSince': { $type: 'date' } };
    const failing = { 'post.trouble': { $type: 'string' }, 'post.at': { $lte: since } };
    const records = await describing('alerts: reading posts that were not taken', () =>
      this.#alerts.find<AlertRecord>({ $or: [refused, failing] }, RECORD).toArray(),
    );
    return records.flatMap(({ post }) => post ?? []);
  }

  /** Notes a change, and the post that it begins. If another run has begun a post meanwhile, changes nothing. */
  async note({ post, ...change }: AlertChange): Promise<void> {
    const _id = alertIdOf(change);
    const unset = { ...UNTOLD, mutedUntil: null };
    await describing(`alerts: noting ${_id}`, async () => {
      try {
        await (post === null
          ? this.#alerts.updateOne({ _id }, { $set: change, $setOnInsert: { ...unset, post } }, { upsert: true })
          : this.#alerts.updateOne(
              { _id, post: null },
              { $set: { ...change, post }, $setOnInsert: unset },
              { upsert: true },
            ));
      } catch (error) {
        if (!isDuplicateKey(error)) throw error;
      }
    });
  }

  /** Notes that a post has arrived. Does nothing if it is no longer in progress. */
  async told(key: AlertKey, { id, state, message, since, count }: AlertPost, toldAt: Date): Promise<void> {
    const _id = alertIdOf(key);
    await describing(`alerts: noting what was told of ${_id}`, () =>
      this.#alerts.updateOne(
        { _id, 'post.id': id },
        { $set: { told: { state, count }, toldAt, message, since, post: null } },
      ),
    );
  }

  /** Notes that an attempt to post has failed. Does nothing if the post is no longer in progress. */
  async failed(key: AlertKey, { id, ...failed }: FailedPost & Pick<AlertPost, 'id'>): Promise<void> {
    const _id = alertIdOf(key);
    const changed = Object.entries(failed).map(([name, value]) => [`post.${name}`, value] as const);
    await describing(`alerts: noting a failed post of ${_id}`, () =>
      this.#alerts.updateOne({ _id, 'post.id': id }, { $set: Object.fromEntries(changed) }),
    );
  }

  /** Mutes a code for these accounts (null for the whole installation) until an instant; null ends their mutes. */
  async mute(input: {
    readonly code: AttentionCode;
    readonly accounts: readonly (string | null)[];
    readonly until: Date | null;
  }): Promise<void> {
    const { code, accounts, until: mutedUntil } = input;
    const unset = { ...UNTOLD, state: 'resolved', message: null, since: null, post: null } as const;
    const writes = accounts.map((account): AnyBulkWriteOperation<AlertDocument> => {
      const update = { $set: { account, code, mutedUntil }, $setOnInsert: unset };
      return { updateOne: { filter: { _id: alertIdOf({ account, code }) }, update, upsert: mutedUntil !== null } };
    });
    if (writes.length === 0) return;
    await describing(`alerts: muting ${code}`, () => this.#alerts.bulkWrite(writes, { ordered: false }));
  }
}
