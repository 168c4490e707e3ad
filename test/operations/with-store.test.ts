import { expect, inject, it } from 'vitest';
import { withStore } from '../../src/operations/with-store.js';
import { OtherReplicaSetError } from '../../src/store/server/replica-set.js';
import { discovering, withOtherReplicaSet } from '../support/other-replica-set.js';

it('advises to start no server if the one of MONGODB_URI belongs to another replica set', async () => {
  const uri = withOtherReplicaSet(discovering(inject('mongodbUri')));
  const using = withStore({ uri, database: 'unused', connectWithinMs: 2_000 }, () => Promise.resolve());

  await expect(using).rejects.toMatchObject({
    message: 'cannot use MongoDB: check MONGODB_URI',
    cause: expect.any(OtherReplicaSetError) as unknown,
  });
});
