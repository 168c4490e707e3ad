import { describe, expect, it, onTestFinished } from 'vitest';
import { crediraCallFromFields } from '../../../src/domain/credira/credira-call.js';
import type { TranscriptState } from '../../../src/domain/transcripts/transcript.js';
import type { CallDocument } from '../../../src/store/calls/call-document.js';
import { openStore } from '../../../src/store/store.js';
import { aCall } from '../../support/a-transaction.js';
import { MERGED_AT, TRANSCRIPT_POLICY, aMerge, rowsOf } from '../../support/call-rows.js';
import { startFaultyMongo } from '../../support/faulty-mongodb.js';
import { LEASE_MS, minutesFrom } from '../../support/pending-calls.js';
import { useTestDatabase } from '../../support/test-database.js';

const test = useTestDatabase();

const MIB = 1024 * 1024;
const DUE = minutesFrom(MERGED_AT, 2);

/** Text of an answer of slightly less than 4 MiB. */
const LARGE_TEXT = `agent: ${'x'.repeat(4 * MIB - 2_000)}`;
const LARGEST = { text: LARGE_TEXT, turns: [{ speaker: 'agent', text: LARGE_TEXT.slice(7) }] };

/** 7.9 MiB of rows, from which almost 3 MiB are derived. */
function largeRows() {
  const columns = { notes: 'x'.repeat(MIB - 10_000) };
  const rows = [1, 2, 3, 4, 5, 6, 7].map((index) => aCall(`T${index}`, columns));
  return [...rows, aCall('T9', { ...columns, call_result_description_detail: 'y'.repeat(900_000), notes: '' })];
}

async function finishTranscript(account: string, said: Pick<TranscriptState, 'text' | 'turns'>): Promise<boolean> {
  const { store } = test;
  const { leasedUntil } = await store.transcripts.claim({ account, now: DUE, leaseMs: LEASE_MS, limit: 1 });
  const outcome = { status: 'available', text: said.text ?? '', turns: said.turns, fetchedAt: DUE } as const;
  return store.transcripts.finishLook({ account, callId: 'CALL', leasedUntil, attempts: 0, outcome, now: DUE });
}

async function expectAllStored(account: string): Promise<void> {
  const call = await test.store.calls.find({ account, id: 'CALL' });
  expect(call?.transactions).toHaveLength(9);
  expect(call?.transcript.text === LARGE_TEXT).toBe(true);
  expect(call?.transcript).toMatchObject({ status: 'available', turns: [] });
  const summary = 'z'.repeat(0.7 * MIB);
  const analysis = { summary, sentiment: null };
  expect(await test.store.transcripts.saveAnalysis({ account, callId: 'CALL', analysis })).toBe(true);
}

describe('the largest transcript and the most rows of one call', () => {
  it('are both stored if the transcript comes first', async () => {
    const account = 'transcript-first';
    await test.store.calls.mergeTransactions(aMerge(account, rowsOf('CALL', [aCall('T0')])));
    expect(await finishTranscript(account, LARGEST)).toBe(true);
    const merge = aMerge(account, rowsOf('CALL', largeRows()));
    expect(await test.store.calls.mergeTransactions(merge)).toEqual({ created: 0, changed: 1, rejects: [] });
    await expectAllStored(account);
  });

  it('are both stored if the transcript comes between the reading and the writing of the rows', async () => {
    const account = 'transcript-between';
    await test.store.calls.mergeTransactions(aMerge(account, rowsOf('CALL', [aCall('T0')])));
    const proxy = await startFaultyMongo(test.uri);
    const store = await openStore({ uri: proxy.uri, database: test.database });
    onTestFinished(() => store.close());
    proxy.before(
      ({ name, collection }) => name === 'update' && collection === 'calls',
      () => finishTranscript(account, LARGEST),
    );
    const merge = aMerge(account, rowsOf('CALL', largeRows()));
    expect(await store.calls.mergeTransactions(merge)).toEqual({ created: 0, changed: 1, rejects: [] });
    await expectAllStored(account);
  });
});

describe('a part that is too large for its share of a document', () => {
  it('loses its turns, if only text and turns together are too large', async () => {
    const turns = Array.from({ length: 90_000 }, () => ({ speaker: 'agent', text: 'yes' }));
    const text = turns.map(() => 'agent: yes').join('\n');
    await test.store.calls.mergeTransactions(aMerge('many-turns', rowsOf('CALL', [aCall('T0')])));
    expect(await finishTranscript('many-turns', { text, turns })).toBe(true);
    const call = await test.store.calls.find({ account: 'many-turns', id: 'CALL' });
    expect({ ...call?.transcript, turns: call?.transcript.turns.length }).toMatchObject({ text, turns: 0 });
  });

  it('is refused if it is a text or an analysis, just as the server refuses a document', async () => {
    const account = 'refused';
    await test.store.calls.mergeTransactions(aMerge(account, rowsOf('CALL', [aCall('T0')])));
    const refusal = { name: 'StoreError', retryable: false };
    await expect(finishTranscript(account, { text: 'x'.repeat(4 * MIB), turns: [] })).rejects.toMatchObject(refusal);
    const analysis = { summary: 'x'.repeat(MIB), sentiment: null };
    const saving = test.store.transcripts.saveAnalysis({ account, callId: 'CALL', analysis });
    await expect(saving).rejects.toMatchObject(refusal);
  });
});

describe('a document that is too full already', () => {
  const FULL = 'x'.repeat(12 * MIB);

  async function fill(account: string): Promise<void> {
    const calls = test.db.collection<CallDocument>('calls');
    await calls.updateOne({ _id: `${account}:CALL` }, { $set: { 'transcript.text': FULL } });
  }

  it('takes no more rows: they become rejects, and the rest of the page is stored', async () => {
    const account = 'full';
    await test.store.calls.mergeTransactions(aMerge(account, rowsOf('CALL', [aCall('T0')])));
    await fill(account);
    const rows = largeRows().slice(0, 5);
    const page = [...rowsOf('BEFORE', [aCall('B1')]), ...rowsOf('CALL', rows), ...rowsOf('AFTER', [aCall('A1')])];
    const result = await test.store.calls.mergeTransactions(aMerge(account, page));
    expect(result).toMatchObject({ created: 2, changed: 0 });
    expect(result.rejects.map(({ transactionId }) => transactionId)).toEqual(
      rows.map(({ transactionId }) => transactionId),
    );
    expect(result.rejects.every(({ reason }) => reason.startsWith('call-too-large'))).toBe(true);
    const again = await test.store.calls.mergeTransactions(aMerge(account, page));
    expect(again).toEqual({ created: 0, changed: 0, rejects: result.rejects });
  });

  it('takes no more of a Credira call either', async () => {
    const account = 'full-credira';
    const seen = (fields: Readonly<Record<string, unknown>>, seenAt: Date) =>
      crediraCallFromFields({ callId: 'CALL', fields, seenAt });
    const merge = (calls: ReturnType<typeof seen>[]) =>
      test.store.crediraCalls.merge({ account, calls, transcriptPolicy: TRANSCRIPT_POLICY, now: () => MERGED_AT });
    await merge([seen({ status: 'completed' }, MERGED_AT)]);
    await fill(account);
    const large = seen({ summary: 'x'.repeat(5 * MIB) }, DUE);
    expect(await merge([large])).toMatchObject({ created: 0, changed: 0, rejects: [{ callId: 'CALL' }] });
    expect(await merge([seen({ summary: 'short' }, DUE)])).toEqual({ created: 0, changed: 1, rejects: [] });
  });

  it('does not hold more of Credira than fits with a transcript', async () => {
    const text = 'x'.repeat(MIB - 1_000);
    const fields = { from: text, to: text, status: text, call_recording_url: text };
    const call = crediraCallFromFields({ callId: 'CALL', fields, seenAt: DUE });
    const request = {
      account: 'wide-credira',
      calls: [call],
      transcriptPolicy: TRANSCRIPT_POLICY,
      now: () => MERGED_AT,
    };
    expect(await test.store.crediraCalls.merge(request)).toMatchObject({ created: 0, rejects: [{ callId: 'CALL' }] });
  });
});
