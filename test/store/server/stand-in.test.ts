import type { Filter } from 'mongodb';
import { beforeAll, describe, expect, it } from 'vitest';
import type { CallDocument } from '../../../src/store/calls/call-document.js';
import { callDocuments, insertCalls, minutesFrom, NOW } from '../../support/pending-calls.js';
import { useTestDatabase } from '../../support/test-database.js';

const test = useTestDatabase();

const CALLS = 200;
const FEW = 12;

let isStandIn = false;
let newestIds: string[] = [];

beforeAll(async () => {
  ({ isStandIn } = await test.store.server.facts());
  const aDocument = callDocuments('a');
  const calls = Array.from({ length: CALLS }, (_, index) => {
    const startedAt = minutesFrom(NOW, -index);
    return aDocument(`CALL-${index}`, { startedAt, transcript: { nextAttemptAt: startedAt } });
  });
  await insertCalls(test.db, calls);
  newestIds = calls.slice(0, FEW).map(({ _id }) => _id);
});

interface Query {
  readonly filter: Filter<CallDocument>;
  readonly sort?: Readonly<Record<string, 1>>;
  readonly limit?: number;
}

/** Returns the number of documents that the server reads for a query. */
async function documentsRead({ filter, sort = {}, limit = 0 }: Query): Promise<number> {
  const calls = test.db.collection<CallDocument>('calls');
  const plan = await calls.find(filter).sort(sort).limit(limit).explain('executionStats');
  const { totalDocsExamined } = plan['executionStats'] as { totalDocsExamined: number };
  return totalDocsExamined;
}

const newest = { $gt: minutesFrom(NOW, -FEW) };
const due = { account: 'a', 'transcript.status': 'pending', 'transcript.lane': 'fresh' } as const;
const DUE_AT = 'transcript.nextAttemptAt';

describe('written for the stand-in: a condition that the index has not, beside one that it has,', () => {
  it.each<[where: string, plain: Filter<CallDocument>, ours: Filter<CallDocument>]>([
    ['guarded updates', { _id: 'a:CALL-7', revision: 1 }, { _id: 'a:CALL-7' }],
    ['call show, erase', { callId: 'CALL-7', account: 'a' }, { callId: 'CALL-7' }],
    ['totals', { account: 'a', startedAt: newest, erasedAt: { $exists: false } }, { account: 'a', startedAt: newest }],
    ['status', { account: { $in: ['a'] }, startedAt: newest }, { account: 'a', startedAt: newest }],
  ])('makes it read all calls, but not MongoDB: %s', async (_where, plain, ours) => {
    expect(await documentsRead({ filter: ours })).toBeLessThanOrEqual(FEW);
    const read = await documentsRead({ filter: plain });
    if (isStandIn) expect(read).toBe(CALLS);
    else expect(read).toBeLessThanOrEqual(FEW);
  });

  it('makes it read all calls, but not MongoDB: verify', async () => {
    const ids = { $in: newestIds };
    expect(await documentsRead({ filter: { _id: ids } })).toBe(FEW);
    expect(await documentsRead({ filter: { _id: ids, account: 'a', startedAt: newest } })).toBe(
      isStandIn ? CALLS : FEW,
    );
  });
});

describe('written for the stand-in: a limit', () => {
  it.each([
    ['due transcripts and invoices', { ...due, [DUE_AT]: { $gt: new Date(0), $lte: NOW } }, DUE_AT],
    ['verify', { account: 'a', startedAt: { $gt: new Date(0), $lt: minutesFrom(NOW, 1) } }, 'startedAt'],
  ])(
    'does not keep it from reading all that the filter finds, in the order of an index: %s',
    async (_, filter, field) => {
      const query = { filter, sort: { [field]: 1 }, limit: FEW } as const;
      expect(await documentsRead(query)).toBe(isStandIn ? CALLS : FEW);
      const slice = { $gt: new Date(0), $lt: minutesFrom(NOW, FEW - CALLS + 1) };
      expect(await documentsRead({ ...query, filter: { ...filter, [field]: slice } })).toBe(FEW);
    },
  );
});

describe('written for the stand-in: the stamp of a change', () => {
  it('adds a number to a number, because only MongoDB adds one to a date', async () => {
    const added = test.db
      .collection('calls')
      .aggregate([{ $limit: 1 }, { $project: { _id: 0, next: { $add: ['$updatedAt', 1] } } }])
      .toArray();
    if (isStandIn) await expect(added).rejects.toMatchObject({ code: 2 });
    else await expect(added).resolves.toEqual([{ next: expect.any(Date) as Date }]);
  });
});

describe('a trap of the stand-in, which no query of callweave meets:', () => {
  it.each<[what: string, filter: Filter<CallDocument>, found: number]>([
    ['a status alone takes an index that begins with the account', { 'transcript.status': 'pending' }, 0],
    [
      '$lte on a field before the last of an index leaves out equal values',
      { account: 'a', startedAt: { $lte: NOW } },
      CALLS - 1,
    ],
  ])('%s', async (_what, filter, found) => {
    const calls = await test.db.collection<CallDocument>('calls').find(filter).toArray();
    expect(calls).toHaveLength(isStandIn ? found : CALLS);
  });
});
