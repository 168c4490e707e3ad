import { isDeepStrictEqual } from 'node:util';
import type { Db } from 'mongodb';
import { describe, expect, it, onTestFinished } from 'vitest';
import { INDEXES, type WantedIndex } from '../../../src/store/server/index-definitions.js';
import { type ExistingIndex, serves } from '../../../src/store/server/index-fit.js';
import type { IndexNews } from '../../../src/store/server/indexes.js';
import { openStore, type Store } from '../../../src/store/store.js';
import { type FaultyMongo, startFaultyMongo } from '../../support/faulty-mongodb.js';
import { newDatabaseName, useTestDatabase } from '../../support/test-database.js';

const test = useTestDatabase();

interface Scene {
  readonly db: Db;
  readonly proxy: FaultyMongo;
  readonly store: Store;
  readonly news: IndexNews[];
  readonly ensure: (signal?: AbortSignal) => Promise<void>;
}

/** Returns a database without indexes, reached through a proxy. */
async function aScene(): Promise<Scene> {
  const database = newDatabaseName();
  const db = test.db.client.db(database);
  const proxy = await startFaultyMongo(test.uri);
  const store = await openStore({ uri: proxy.uri, database });
  onTestFinished(async () => {
    await store.close();
    await db.dropDatabase();
  });
  const news: IndexNews[] = [];
  const ensure = (signal?: AbortSignal): Promise<void> =>
    store.ensureIndexes({ onNews: (each) => news.push(each), ...(signal !== undefined && { signal }) });
  return { db, proxy, store, news, ensure };
}

async function namesOf(db: Db, collection: string): Promise<string[]> {
  return (await db.collection(collection).indexes()).map(({ name }) => name ?? '').sort();
}

describe('the wanted indexes', () => {
  it.each(Object.entries(INDEXES))('of %s have none that another makes superfluous', (_collection, indexes) => {
    const keysOf = ({ key }: WantedIndex): string[] => Object.entries(key).map(([field, order]) => `${field} ${order}`);
    const servedBy = (index: WantedIndex): string[] =>
      indexes
        .filter((other) => other !== index && other.partialFilterExpression === undefined)
        .filter((other) => isDeepStrictEqual(keysOf(other).slice(0, keysOf(index).length), keysOf(index)))
        .map(({ name }) => name);
    expect(indexes.flatMap((index) => servedBy(index).map((name) => `${index.name} by ${name}`))).toEqual([]);
  });
});

const isCreation = ({ name }: { name: string }): boolean => name === 'createIndexes';

describe('an index that exists already', () => {
  const wanted = { name: 'fromKey', key: { fromKey: 1 } } as const;
  const partial = { name: 'due', key: { a: 1, b: -1 }, partialFilterExpression: { a: { $gt: new Date(0) } } } as const;
  const expiring = { name: 'month', key: { foundAt: 1 }, expireAfterSeconds: 100 } as const;
  const existing = (options: Partial<ExistingIndex> = {}): ExistingIndex => ({
    v: 2,
    name: 'by_somebody_else',
    key: { fromKey: 1 },
    ...options,
  });

  it.each([
    ['has another name', existing(), wanted],
    ['is of another version', existing({ v: 1 }), wanted],
    ['is unique', existing({ unique: true }), wanted],
    ['is hidden, on purpose', existing({ hidden: true }), wanted],
    ['expires documents, on purpose', existing({ expireAfterSeconds: 60 }), wanted],
    ['lists options that are off', existing({ sparse: false, unique: false }), wanted],
    ['is partial in the same way', existing({ ...partial, name: 'x' }), partial],
    [
      'expires documents at another time, on purpose',
      existing({ key: { foundAt: 1 }, expireAfterSeconds: 7 }),
      expiring,
    ],
  ])('serves if it %s', (_what, index, want) => {
    expect(serves(index, want)).toBe(true);
  });

  it.each([
    ['is sparse', existing({ sparse: true }), wanted],
    ['is partial', existing({ partialFilterExpression: { fromKey: { $exists: true } } }), wanted],
    ['has a collation', existing({ collation: { locale: 'de' } }), wanted],
    ['sorts the other way', existing({ key: { fromKey: -1 } }), wanted],
    ['is hashed', existing({ key: { fromKey: 'hashed' } }), wanted],
    ['has one more key', existing({ key: { fromKey: 1, startedAt: 1 } }), wanted],
    ['has its keys in another order', existing({ ...partial, key: { b: -1, a: 1 } }), partial],
    [
      'is partial in another way',
      existing({ ...partial, partialFilterExpression: { a: { $gt: new Date(1) } } }),
      partial,
    ],
    ['is not partial', existing({ key: { a: 1, b: -1 } }), partial],
    ['does not expire documents', existing({ key: { foundAt: 1 } }), expiring],
    ['has only the name', existing({ name: 'fromKey', key: { from: 1 } }), wanted],
  ])('does not serve if it %s', (_what, index, want) => {
    expect(serves(index, want)).toBe(false);
  });

  it('is not created again if it serves', async () => {
    const { db, proxy, ensure } = await aScene();
    await db.collection('calls').createIndex({ callId: 1 });
    await db.collection('calls').createIndex({ account: 1, updatedAt: 1 }, { name: 'mine', unique: true }, {});
    await ensure();
    expect(await namesOf(db, 'calls')).toContain('callId_1');
    expect(await namesOf(db, 'calls')).not.toContain('callId');
    expect(await namesOf(db, 'calls')).not.toContain('account_updatedAt');

    const created = proxy.passed.filter(isCreation).length;
    await ensure();
    expect(proxy.passed.filter(isCreation)).toHaveLength(created);
  });

  it('is named, with what to do, if it has the wanted name and other keys', async () => {
    const { db, ensure } = await aScene();
    await db.collection('calls').createIndex({ startedAt: 1 }, { name: 'account_updatedAt' }, {});
    const failure = expect(ensure()).rejects;
    await failure.toThrow(
      /account_updatedAt of calls on \{"account":1,"updatedAt":1\} cannot be created: the index account_updatedAt is in the way. It has the keys \{"startedAt":1\}.*dropIndex\('account_updatedAt'\)/,
    );
    await expect(ensure()).rejects.toMatchObject({ name: 'StoreError', retryable: false, code: 86 });
  });

  it('is named, with what to do, if only the server takes it for the wanted one', async () => {
    const { db, proxy, ensure } = await aScene();
    await db.collection('rejects').createIndex({ seenAt: -1, _id: 1 }, { name: 'mine', sparse: true }, {});
    // The answer of a mongod that distinguishes indexes only by their keys.
    const conflict = { ok: 0, code: 85, errmsg: 'Index already exists with a different name: mine' } as const;
    proxy.plan((command) => isCreation(command) && command.collection === 'rejects', [conflict]);
    await expect(ensure()).rejects.toThrow(
      /seenAt_id of rejects .* mine is in the way\. .* the options \{"sparse":true\}/,
    );
  });

  it('is reported if it is hidden', async () => {
    const { db, news, ensure } = await aScene();
    await db.collection('calls').createIndex({ callId: 1 }, { hidden: true }, {});
    await ensure();
    expect(news).toContainEqual(expect.objectContaining({ what: 'hidden', collection: 'calls', indexes: ['callId'] }));
  });
});

describe('missing indexes', () => {
  it('are built by a majority on a separate connection, and reported', async () => {
    const { db, proxy, store, news, ensure } = await aScene();
    await db.collection('pages').insertMany([{ stream: 'a' }, { stream: 'b' }]);
    // Other operations continue meanwhile.
    proxy.before(isCreation, () => store.ping());
    await ensure();
    const creations = proxy.passed.filter(isCreation);
    // A server alone refuses a quorum and is asked again without one.
    const withQuorum = creations.filter(({ body }) => body['commitQuorum'] === 'majority');
    expect(news).toContainEqual({
      ...{ what: 'building', collection: 'pages', indexes: ['stream_cursorIn'], documents: 2 },
      seconds: expect.any(Number) as number,
    });
    const built = news.flatMap(({ what, collection }) => (what === 'built' ? [collection] : []));
    expect(withQuorum.map(({ collection }) => collection)).toEqual(built);
    expect(new Set(creations.map(({ collection }) => collection))).toEqual(new Set(built));
  });

  it.each([2, 72, 40415])('are built without a quorum if the server knows none (code %i)', async (code) => {
    const { db, proxy, ensure } = await aScene();
    proxy.plan(
      ({ name, body }) => name === 'createIndexes' && 'commitQuorum' in body,
      Array.from({ length: 6 }, () => ({ ok: 0 as const, code, errmsg: "Standalones can't specify commitQuorum" })),
    );
    await ensure();
    expect(await namesOf(db, 'pages')).toEqual(['_id_', 'stream_cursorIn']);
  });

  it('are requested again if the connection is lost meanwhile', async () => {
    const { db, proxy, news, ensure } = await aScene();
    proxy.plan((command) => isCreation(command) && command.collection === 'pages', ['answer-lost']);
    await ensure();
    expect(await namesOf(db, 'pages')).toEqual(['_id_', 'stream_cursorIn']);
    expect(news.map(({ what }) => what)).toContain('building again');
  });

  it('are not waited for after an abort, which is thrown as an error', async () => {
    const { proxy, ensure } = await aScene();
    const over = new AbortController();
    proxy.before(isCreation, () => {
      over.abort(new Error('enough'));
      return new Promise(() => undefined);
    });
    await expect(ensure(over.signal)).rejects.toThrow();
  });

  it('are an error if the user may not create them', async () => {
    const { proxy, ensure } = await aScene();
    proxy.plan(isCreation, [{ ok: 0, code: 13, errmsg: 'not authorized on x to execute command' }]);
    await expect(ensure()).rejects.toThrow(/^MongoDB: calls: creating the indexes account_startedAt.*not authorized/);
  });
});
