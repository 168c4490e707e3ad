import { describe, expect, it } from 'vitest';
import { answerWith } from '../../../src/sample/faults.js';
import { failureMessage } from '../../../src/temporal/runs/run-state.js';
import { startRefresh } from '../../../src/temporal/runs/repairs.js';
import { refreshWorkflowId } from '../../../src/workflows/ids.js';
import type { RefreshCallInput } from '../../../src/workflows/repair/refresh-call.js';
import { startDrainWorld, type DrainWorld } from '../../support/drain-world.js';
import { minimalRows } from '../../support/fake-invoca.js';
import { aCompletedCall } from '../../support/fake-credira.js';
import { startInvoiceWorld } from '../../support/invoice-world.js';
import { runsOf } from '../../support/runs.js';
import { expectedCalls, storedMeanings } from '../../support/stored-calls.js';
import { useTestNamespace } from '../../support/temporal-namespace.js';
import { useTestDatabase } from '../../support/test-database.js';

const servers = { temporal: useTestNamespace(), mongodb: useTestDatabase() };
const documents = () => servers.mongodb.db.collection<{ _id: string; [field: string]: unknown }>('calls');

/** Rows of three calls, the second with an original row and four corrections. */
function threeCalls(): Record<string, unknown>[] {
  const rows = minimalRows(3);
  const corrected = { ...rows[1] };
  const corrections = [1, 2, 3, 4].map((minute) => ({
    ...corrected,
    transaction_id: `FIX-${minute}`,
    corrects_transaction_id: corrected['transaction_id'],
    corrected_at: `2025-06-02 12:0${minute}:00 -07:00`,
    duration: 100 + minute,
  }));
  return [...rows, ...corrections];
}

async function refresh({ account }: { account: string }, input: Partial<RefreshCallInput> & { id: string }) {
  const { client } = servers.temporal;
  const { handle } = await startRefresh(client, { account, source: 'invoca', idOf: 'either', ...input });
  return handle.result();
}

async function failureOf(refreshed: Promise<unknown>): Promise<string> {
  return failureMessage(await refreshed.catch((reason: unknown) => reason));
}

function filtersOf({ invoca }: DrainWorld) {
  return invoca.requests.map(({ query }) => [query['call_record_id'], query['transaction_id'], query['limit']]);
}

describe('refreshCall', { timeout: 60_000 }, () => {
  it('reads all rows of the call, and no other, in one request', async () => {
    const world = await startDrainWorld({ servers, invoca: { rows: threeCalls() } });
    const { account } = world;
    const expected = await expectedCalls(world.feed.client);
    const before = world.invoca.requests.length;

    expect(await refresh(world, { id: 'CALL-1' })).toEqual({ account, callId: 'CALL-1', rows: 5, rejects: 0 });

    expect(world.invoca.requests).toHaveLength(before + 1);
    const { store } = servers.mongodb;
    const stored = await storedMeanings({ store, account, callIds: expected.keys() });
    expect(stored).toEqual(new Map([['CALL-1', expected.get('CALL-1')]]));
    expect(await store.checkpoints.list(account)).toEqual([]);
  });

  it('corrects the stored call, and does not write a correct one', async () => {
    const world = await startDrainWorld({ servers, invoca: { rows: threeCalls() } });
    await (await world.startDrain()).result();
    const _id = `${world.account}:CALL-1`;
    await documents().updateOne({ _id }, { $set: { durationSeconds: 1 }, $pop: { transactions: 1 } as never });

    await refresh(world, { id: 'CALL-1' });
    const repaired = await documents().findOne({ _id });
    await refresh(world, { id: 'CALL-1' });

    expect(repaired).toMatchObject({ durationSeconds: 104, revision: 2 });
    expect(repaired?.['transactions']).toHaveLength(5);
    expect(await documents().findOne({ _id })).toEqual(repaired);
  });

  it('asks for more after a full page, and for fewer rows when the source is too slow', async () => {
    const world = await startDrainWorld({ servers, invoca: { rows: manyRows(250) }, feed: { pageLimit: 200 } });
    world.invoca.plan({ answer: answerWith({ status: 504 }) });

    expect(await refresh(world, { id: 'LONG' })).toMatchObject({ callId: 'LONG', rows: 250 });

    expect(filtersOf(world).map(([, , limit]) => limit)).toEqual(['200', '100', '100', '100']);
    const cursors = world.invoca.requests.map(({ query }) => query['start_after_transaction_id']);
    expect(cursors).toEqual([undefined, undefined, 'ROW-99', 'ROW-199']);
    expect((await documents().findOne({ _id: `${world.account}:LONG` }))?.['transactions']).toHaveLength(250);
  });

  it('finds the call of a transaction that is not stored', async () => {
    const world = await startDrainWorld({ servers, invoca: { rows: threeCalls() } });

    expect(await refresh(world, { id: 'FIX-2' })).toMatchObject({ callId: 'CALL-1', rows: 5 });

    expect(filtersOf(world)).toEqual([
      ['FIX-2', undefined, '100'],
      [undefined, 'FIX-2', '1'],
      ['CALL-1', undefined, '100'],
    ]);
  });

  it('makes the same requests when it continues as new after each', async () => {
    const rows = manyRows(251).map((row, index) => (index === 250 ? { ...row, transaction_id: null } : row));
    const world = await startDrainWorld({ servers, invoca: { rows }, feed: { pageLimit: 200 } });
    const { account, invoca } = world;
    invoca.plan({
      when: ({ query }) => query['call_record_id'] === 'LONG',
      answer: answerWith({ status: 504 }),
    });

    const result = await refresh(world, { id: 'ROW-120', maxRequestsPerRun: 1 });

    expect(result).toEqual({ account, callId: 'LONG', rows: 251, rejects: 1 });
    expect(filtersOf(world)).toEqual([
      ['ROW-120', undefined, '200'],
      [undefined, 'ROW-120', '1'],
      ['LONG', undefined, '200'],
      ...Array.from({ length: 3 }, () => ['LONG', undefined, '100']),
    ]);
    const cursors = invoca.requests.flatMap(({ query }) => query['start_after_transaction_id'] ?? []);
    expect(cursors).toEqual(['ROW-99', 'ROW-199']);
    expect(await runsOf(servers.temporal.client, refreshWorkflowId({ account, id: 'ROW-120' }))).toBe(6);
    expect((await documents().findOne({ _id: `${account}:LONG` }))?.['transactions']).toHaveLength(250);
  });

  it('stores nothing for an id the source does not know', async () => {
    const world = await startDrainWorld({ servers, invoca: { rows: threeCalls() } });

    expect(await refresh(world, { id: 'NOBODY' })).toMatchObject({ callId: null, rows: 0 });
    expect(await refresh(world, { id: 'FIX-1', idOf: 'call' })).toMatchObject({ callId: null, rows: 0 });

    expect(await documents().countDocuments({ account: world.account })).toBe(0);
  });

  it('waits for a hold, and fails at once on a wrong token', async () => {
    const world = await startDrainWorld({ servers, invoca: { rows: threeCalls() } });
    world.invoca.plan({ answer: answerWith({ status: 429, headers: { 'retry-after': '1' } }) });
    expect(await refresh(world, { id: 'CALL-1' })).toMatchObject({ rows: 5 });

    world.invoca.plan({ answer: answerWith({ status: 401 }) });
    expect(await failureOf(refresh(world, { id: 'CALL-1' }))).toMatch(/401.*token/s);
  });

  it('stores no rows of other calls, and fails when the source repeats its pages', async () => {
    const world = await startDrainWorld({ servers, invoca: { rows: manyRows(250) } });
    world.invoca.plan({ answer: answerWith({ status: 200, body: JSON.stringify(minimalRows(2)) }) });
    expect(await failureOf(refresh(world, { id: 'CALL-1' }))).toContain('rows of other calls, such as CALL-0');
    expect(await documents().countDocuments({ account: world.account })).toBe(0);

    const body = JSON.stringify(manyRows(100));
    world.invoca.plan({ answer: answerWith({ status: 200, body }), times: 2 });
    expect(await failureOf(refresh(world, { id: 'LONG' }))).toContain('repeats its pages');
  });

  it('keeps a row that cannot be part of the call among the rejects', async () => {
    const rows = [...threeCalls(), { ...threeCalls()[1], transaction_id: null, notes: 'x' }];
    const world = await startDrainWorld({ servers, invoca: { rows } });

    expect(await refresh(world, { id: 'CALL-1' })).toMatchObject({ rows: 6, rejects: 1 });
    expect(await servers.mongodb.store.rejects.count(world.account)).toBe(1);
  });

  it('asks Credira for the call, even if it was asked for before', async () => {
    const world = await startInvoiceWorld({
      servers,
      invoices: [{ invoiceId: 'inv_1', calls: [aCompletedCall('call_1')] }],
    });
    const { account } = world;
    const paths = (): string[] => world.credira.requests.map(({ path }) => path);

    const input = { id: 'call_1', source: 'credira' } as const;
    expect(await refresh(world, input)).toEqual({ account, callId: 'call_1', rows: 1, rejects: 0 });
    await documents().updateOne({ _id: `${account}:call_1` }, { $set: { 'credira.status': 'initiated' } });
    await refresh(world, input);

    expect(paths()).toHaveLength(2);
    expect(await documents().findOne({ _id: `${account}:call_1` })).toMatchObject({
      credira: { status: 'completed' },
      revision: 2,
    });
    expect(await refresh(world, { ...input, id: 'call_2' })).toMatchObject({ callId: null });
  });
});

/** Returns rows of one call. */
function manyRows(count: number): Record<string, unknown>[] {
  return minimalRows(count).map((row, index) => ({
    ...row,
    transaction_id: `ROW-${index}`,
    complete_call_id: 'LONG',
    transaction_type: 'Post Call Event',
    signal_partner_unique_id: `crm-${index}`,
  }));
}
