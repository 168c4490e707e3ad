import { expect, it } from 'vitest';
import { attentionReader } from '../../../src/operations/alerts/attention-reader.js';
import { sampleAccount } from '../../../src/settings/sample-account.js';
import { useTestDatabase } from '../../support/test-database.js';
import { useTestNamespace } from '../../support/temporal-namespace.js';

const temporal = useTestNamespace();
const mongodb = useTestDatabase();

it('reads what `status` shows, with the number of rejects', async () => {
  const { store } = mongodb;
  const account = { ...sampleAccount({ baseUrl: 'http://127.0.0.1:1', token: 'none', networkId: '1' }), name: 'acme' };
  const rejects = ['1', '2'].map((raw) => ({ transactionId: null, reason: 'no-call-id: a test', raw }));
  await store.rejects.record({ account: 'acme', origin: 'drain/acme/0', rejects, seenAt: new Date() });

  const attention = await attentionReader({ accounts: [account], store })(temporal.client);

  expect(attention).toContainEqual(expect.objectContaining({ account: 'acme', code: 'rejects', count: 2 }));
  expect(attention).toContainEqual(expect.objectContaining({ account: 'acme', code: 'schedule-missing', count: null }));
  expect(attention).toContainEqual(expect.objectContaining({ account: null, code: 'schedule-missing', count: null }));
});
