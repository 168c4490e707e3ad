import { MongoClient } from 'mongodb';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { Transaction } from '../../../src/domain/invoca/transaction.js';
import { createSampleFeed } from '../../../src/sample/feed/feed.js';
import { CallStore } from '../../../src/store/calls/calls.js';
import type { ExportedCall, ExportRequest } from '../../../src/store/calls/export-calls.js';
import { aCall, aPostCallEvent } from '../../support/a-transaction.js';
import { aMerge, rowsOf } from '../../support/call-rows.js';
import { clientOf, startInvoca } from '../../support/fake-invoca.js';
import { lineErrors } from '../../support/line-errors.js';
import { useTestDatabase } from '../../support/test-database.js';

const test = useTestDatabase();

function startedAt(day: number): number {
  return Date.UTC(2024, 4, day);
}

async function store(account: string, calls: Readonly<Record<string, readonly Transaction[]>>): Promise<void> {
  const rows = Object.entries(calls).flatMap(([callId, transactions]) => rowsOf(callId, transactions));
  await test.store.calls.mergeTransactions(aMerge(account, rows));
}

async function exported(request: Partial<ExportRequest> & { account: string }): Promise<ExportedCall[]> {
  const calls: ExportedCall[] = [];
  const whole = { started: null, changedSince: null, withTranscripts: false, ...request };
  for await (const line of test.store.calls.export(whole)) {
    if ('erased' in line) throw new Error(`${line._id} is erased`);
    calls.push(line);
  }
  return calls;
}

function idsOf(calls: readonly ExportedCall[]): string[] {
  return calls.map(({ callId }) => callId);
}

describe('calls.export', () => {
  it('yields every call of the account once, as it is stored, ordered by start', async () => {
    await store('whole', {
      B: [aCall('B1', { start_time_utc: startedAt(2) }), aPostCallEvent('B2')],
      A: [aCall('A1', { start_time_utc: startedAt(1) })],
      C: [aCall('C1', { start_time_utc: startedAt(3) })],
    });
    await store('other', { D: [aCall('D1')] });
    await test.db.collection('calls').insertOne({ _id: 'whole:D' as never, callId: 'D', account: 'whole' });
    await test.store.erasures.eraseCalls(['whole:D'], new Date());

    const calls = await exported({ account: 'whole', withTranscripts: true });

    expect(idsOf(calls)).toEqual(['A', 'B', 'C']);
    expect(calls[1]).toEqual(await test.store.calls.find({ account: 'whole', id: 'B' }));
    expect(calls.flatMap((call) => lineErrors(JSON.parse(JSON.stringify(call))))).toEqual([]);
  });

  it('yields calls that fit the schema for a whole sample feed', async () => {
    const feed = createSampleFeed({ seed: 11, endsAt: new Date('2025-06-09T00:00:00Z'), calls: 400 });
    const client = clientOf(await startInvoca({ feed }));
    for (let cursor: string | null = null; ;) {
      const page = await client.fetchPage({ cursor, limit: 4_000, days: null });
      if (page.rowCount === 0) break;
      await test.store.calls.mergeTransactions(aMerge('sample', page.transactions));
      cursor = page.lastTransactionId;
    }

    const calls = await exported({ account: 'sample', withTranscripts: true });
    expect(calls.length).toBeGreaterThan(300);
    for (const call of calls) expect(lineErrors(JSON.parse(JSON.stringify(call))), call._id).toEqual([]);
  });

  it('leaves out conversations unless they are asked for', async () => {
    await store('said', { A: [aCall('A1')] });
    const said = { 'transcript.text': 'agent: Hello', 'transcript.turns': [{ speaker: 'agent', text: 'Hello' }] };
    await test.db.collection('calls').updateOne({ account: 'said' }, { $set: said });

    const [without] = await exported({ account: 'said' });
    expect(without?.transcript).toMatchObject({ status: 'pending', attempts: 0 });
    expect(JSON.stringify(without)).not.toContain('Hello');
    const [withIt] = await exported({ account: 'said', withTranscripts: true });
    expect(withIt?.transcript).toMatchObject({ text: 'agent: Hello', turns: [{ text: 'Hello' }] });
  });

  it('yields calls that started within a time, its end excluded', async () => {
    const days = [1, 2, 3, 4];
    await store(
      'days',
      Object.fromEntries(days.map((day) => [`DAY-${day}`, [aCall('T', { start_time_utc: startedAt(day) })]])),
    );
    const started = { from: new Date(startedAt(2)), before: new Date(startedAt(4)) };

    expect(idsOf(await exported({ account: 'days', started }))).toEqual(['DAY-2', 'DAY-3']);
  });

  it('yields calls that changed since an instant, the oldest change first', async () => {
    await store('changed', { A: [aCall('A1')], B: [aCall('B1')], C: [aCall('C1')] });
    for (const [callId, day] of [
      ['A', 9],
      ['B', 5],
      ['C', 7],
    ] as const) {
      const change = { $set: { updatedAt: new Date(startedAt(day)) } };
      await test.db.collection('calls').updateOne({ account: 'changed', callId }, change);
    }

    const changedSince = new Date(startedAt(7));
    expect(idsOf(await exported({ account: 'changed', changedSince }))).toEqual(['C', 'A']);
  });

  it('asks the server for more only when its batch is used up', async () => {
    const calls = Array.from({ length: 450 }, (_, index) => [`CALL-${index}`, [aCall(`T-${index}`)]] as const);
    await store('many', Object.fromEntries(calls));
    const client = new MongoClient(test.uri, { monitorCommands: true });
    onTestFinished(() => client.close());
    const asked: string[] = [];
    client.on('commandStarted', ({ commandName }) => asked.push(commandName));
    const watched = new CallStore(client.db(test.database));
    const reader = watched.export({ account: 'many', started: null, changedSince: null, withTranscripts: false });

    for (let taken = 0; taken < 150; taken += 1) await reader.next();
    expect(asked).toEqual(['find', 'getMore']);

    await reader.return();
    expect(asked).toEqual(['find', 'getMore', 'killCursors']);
  });
});
