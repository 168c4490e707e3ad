import { randomUUID } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import type { CheckResult } from '../../../src/operations/check/check-result.js';
import { checkSource, type SourceCheckInput } from '../../../src/operations/check/source-checks.js';
import type { FakeCredira } from '../../../src/sample/credira/fake-credira.js';
import { answerWith } from '../../../src/sample/faults.js';
import type { CrediraAccount } from '../../../src/settings/accounts.js';
import { sampleCrediraAccount } from '../../../src/settings/sample-account.js';
import { aCompletedCall, startCredira } from '../../support/fake-credira.js';
import { useTestDatabase } from '../../support/test-database.js';

const mongodb = useTestDatabase();

interface Checked {
  readonly credira: FakeCredira;
  readonly account?: Partial<CrediraAccount>;
  readonly input?: Partial<SourceCheckInput>;
}

function newName(): string {
  return `c-${randomUUID().slice(0, 8)}`;
}

async function check({ credira, account, input }: Checked): Promise<readonly CheckResult[]> {
  const results = await checkSource({
    account: { ...sampleCrediraAccount(credira), name: newName(), ...account },
    store: mongodb.store,
    deadline: new Date(Date.now() + 30_000),
    signal: new AbortController().signal,
    ...input,
  });
  expect(results.map(({ id }) => id)).toEqual(['source.credentials', 'source.transcripts']);
  for (const secret of [credira.apiKey, '+1775555']) expect(JSON.stringify(results)).not.toContain(secret);
  return results;
}

/** Tracks the invoices as if each had been asked about, the last one last. Returns the account's name. */
async function askedAbout(...invoiceIds: readonly string[]): Promise<string> {
  const account = newName();
  const { invoices } = mongodb.store;
  await invoices.track({ account, invoiceIds, now: () => new Date('2025-01-01T00:00:00Z') });
  const later = new Date('2025-02-01T00:00:00Z');
  const { lease } = await invoices.claim({ account, dueBy: new Date('2025-01-02'), leasedUntil: later, limit: 10 });
  for (const [index, invoiceId] of invoiceIds.entries()) {
    const at = new Date(Date.UTC(2025, 0, 10 + index));
    const counts = { calls: 1, unfinished: 0, changedAt: at };
    const sync = {
      lastSyncAt: at,
      outcome: 'known',
      outcomeSince: at,
      reason: null,
      mismatches: 0,
      nextDueAt: later,
      ...counts,
    } as const;
    await invoices.finish({ account, invoiceId, lease, sync });
  }
  return account;
}

function statesOf(results: readonly CheckResult[]): readonly string[] {
  return results.map(({ state }) => state);
}

const WITH_TRANSCRIPT = [{ invoiceId: 'inv_2', calls: [aCompletedCall('call_1')] }];

describe('checkSource for Credira', () => {
  it('asks for the invoice asked about last and the transcript of one of its calls, and writes nothing', async () => {
    const credira = await startCredira({ invoices: WITH_TRANSCRIPT });
    // The ids are in another order than the requests.
    const name = await askedAbout('inv_9', 'inv_1', 'inv_2');
    const invoices = await mongodb.db.collection('invoices').find().toArray();

    const results = await check({ credira, account: { name } });

    expect(statesOf(results)).toEqual(['ok', 'ok']);
    expect(results[0]?.message).toBe('the API accepts the key, and sent 1 call of the invoice inv_2');
    expect(credira.requests.map(({ path, query }) => [path, query])).toEqual([
      ['/v1/calls', { invoice_id: 'inv_2' }],
      ['/transcriptions/call_1.txt', {}],
    ]);
    expect(await mongodb.db.collection('invoices').find().toArray()).toEqual(invoices);
    expect(
      await mongodb.db
        .collection('limits')
        .find({ _id: name as never })
        .toArray(),
    ).toEqual([]);
  });

  it('asks for an invoice that does not exist if none was asked about, which shows that the key is right', async () => {
    const credira = await startCredira();
    const name = newName();
    await mongodb.store.invoices.track({ account: name, invoiceIds: ['inv_1'], now: () => new Date() });

    const results = await check({ credira, account: { name } });

    expect(statesOf(results)).toEqual(['ok', 'skipped']);
    expect(results[0]?.message).toContain('does not know the invoice callweave-check');
    expect(results[1]?.message).toBe('not tried, because no completed call with a transcript was seen');
    expect(credira.requests.map(({ query }) => query)).toEqual([{ invoice_id: 'callweave-check' }]);
  });

  it('fails a wrong key, and is ok right after it is corrected', async () => {
    const credira = await startCredira();
    const results = await check({ credira, account: { apiKey: 'another-key' } });
    expect(statesOf(results)).toEqual(['failed', 'skipped']);
    expect(results[0]?.message).toContain('401 (UNAUTHORIZED');
    expect(results[0]?.advice).toBe('Check the API key. Setting: CREDIRA_API_KEY');
    expect(statesOf(await check({ credira }))).toEqual(['ok', 'skipped']);
  });

  it.each<[string, Parameters<typeof answerWith>[0], RegExp]>([
    ['403', { status: 403 }, /Setting: CREDIRA_API_KEY$/],
    ['404 without a code', { status: 404, body: '<html>' }, /Setting: CREDIRA_BASE_URL$/],
    ['500', { status: 500 }, /may work later$/],
    ['a web page', { status: 200, body: '<html>Sign in</html>' }, /Setting: CREDIRA_BASE_URL$/],
    ['JSON of another shape', { status: 200, body: '[]' }, /Setting: CREDIRA_BASE_URL$/],
  ])('fails the credentials, with advice, after %s', async (_title, answer, advice) => {
    const credira = await startCredira();
    credira.plan({ answer: answerWith(answer) });
    const results = await check({ credira });
    expect(statesOf(results)).toEqual(['failed', 'skipped']);
    expect(results[0]?.advice).toMatch(advice);
    expect(results[1]?.message).toBe('not tried, because source.credentials failed');
  });

  it('only warns if the made-up id of an invoice is refused', async () => {
    const credira = await startCredira();
    const body = '{"success":false,"error":{"code":"INVALID_REQUEST","message":"bad id"}}';
    credira.plan({ answer: answerWith({ status: 400, body }) });
    const results = await check({ credira });
    expect(statesOf(results)).toEqual(['warning', 'skipped']);
    expect(results[0]?.advice).toContain('callweave invoices sync');
  });

  it.each<[string, Parameters<typeof aCompletedCall>[1], string, string | null]>([
    ['a refused transcript', { transcript: { fate: 'forbidden' } }, 'warning', 'CREDIRA_API_KEY'],
    ['a transcript on another host', { transcript: { fate: 'foreign-host' } }, 'warning', 'CREDIRA_BASE_URL'],
    ['a transcript that is not there yet', { transcript: { fate: 'never' } }, 'ok', null],
    ['a call without the URL of a transcript', { transcript: { fate: 'no-url' } }, 'skipped', null],
    ['a call under way', { stages: [{ fields: { status: 'in_progress' } }] }, 'skipped', null],
  ])('judges %s', async (_title, call, state, advice) => {
    const credira = await startCredira({ invoices: [{ invoiceId: 'inv_1', calls: [aCompletedCall('call_1', call)] }] });
    const results = await check({ credira, account: { name: await askedAbout('inv_1') } });
    expect(statesOf(results)).toEqual(['ok', state]);
    if (advice === null) expect(results[1]?.advice).toBeNull();
    else expect(results[1]?.advice).toContain(advice);
  });

  it('asks for no transcript if transcripts are off', async () => {
    const credira = await startCredira({ invoices: WITH_TRANSCRIPT });
    const { transcripts } = sampleCrediraAccount(credira);
    const account = { name: await askedAbout('inv_2'), transcripts: { ...transcripts, enabled: false } };
    expect(statesOf(await check({ credira, account }))).toEqual(['ok', 'skipped']);
    expect(credira.requests).toHaveLength(1);
  });

  it('makes no request while the account is on hold, or if MongoDB cannot be used', async () => {
    const credira = await startCredira();
    const name = newName();
    const until = new Date(Date.now() + 60_000);
    await mongodb.store.limits.hold({ account: name, until, reason: '429 from the API', epoch: 0, ceiling: 3 });
    expect(statesOf(await check({ credira, account: { name } }))).toEqual(['skipped', 'skipped']);
    expect(statesOf(await check({ credira, input: { store: null } }))).toEqual(['skipped', 'skipped']);
    expect(credira.requests).toEqual([]);
  });
});
