import { describe, expect, it } from 'vitest';
import { connectWithin, createClient } from '../../../src/store/server/connect.js';
import { OtherReplicaSetError } from '../../../src/store/server/replica-set.js';
import { startFaultyMongo } from '../../support/faulty-mongodb.js';
import { discovering, withOtherReplicaSet } from '../../support/other-replica-set.js';
import { useTestDatabase } from '../../support/test-database.js';

const test = useTestDatabase();
const doing = 'connecting to a:1';

async function refusalOf(uri: string): Promise<unknown> {
  return connectWithin(createClient(withOtherReplicaSet(uri)), 2_000).catch((error: unknown) => error);
}

describe('the name of another replica set in the connection string', () => {
  it('is reported with the name of the server’s own, by a direct connection too', async () => {
    const { replicaSet } = await test.store.server.facts();
    const { uri: direct } = await startFaultyMongo(test.uri);
    // By a direct connection, the name does not matter to a server alone.
    const errors = await Promise.all([discovering(test.uri), ...(replicaSet === null ? [] : [direct])].map(refusalOf));

    for (const error of errors) {
      expect(error).toBeInstanceOf(OtherReplicaSetError);
      const { retryable, finding, advice } = error as OtherReplicaSetError;
      expect(retryable).toBe(true);
      expect(finding).toContain('the connection string names the replica set no-such-set, but ');
      expect(finding).toContain(` belongs to ${replicaSet ?? 'none'}`);
      expect(advice).toContain(replicaSet === null ? 'Leave replicaSet out of' : `Write replicaSet=${replicaSet} in`);
    }
  });

  it.each([
    [{ 'a:1': 'my set' }, 'a:1 belongs to my set', 'Write replicaSet=my%20set in MONGODB_URI'],
    [{ 'a:1': null }, 'a:1 belongs to none', 'Leave replicaSet out of MONGODB_URI'],
    [{ 'a:1': 'x', 'b:2': 'x' }, 'a:1 belongs to x, and b:2 belongs to x', 'Write replicaSet=x in MONGODB_URI'],
    [{ 'a:1': 'x', 'b:2': null }, 'a:1 belongs to x, and b:2 belongs to none', 'Correct replicaSet in MONGODB_URI'],
  ])('is explained if %j was found', (found, owners, advice) => {
    const { message } = new OtherReplicaSetError({ doing, wanted: 'rs0', found: new Map(Object.entries(found)) });
    expect(message).toBe(
      `MongoDB: ${doing} failed: the connection string names the replica set rs0, but ${owners}. ` +
        `${advice}, or name the servers of rs0 there.`,
    );
  });
});
