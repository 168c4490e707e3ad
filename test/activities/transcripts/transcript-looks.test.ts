import { randomUUID } from 'node:crypto';
import { MockActivityEnvironment } from '@temporalio/testing';
import { DefaultLogger } from '@temporalio/worker';
import { BSON } from 'mongodb';
import { describe, expect, it } from 'vitest';
import { claimTranscripts } from '../../../src/activities/transcripts/claim-transcripts.js';
import type { ActivityDependencies } from '../../../src/activities/dependencies.js';
import { fetchAnalysis } from '../../../src/activities/transcripts/fetch-analysis.js';
import { fetchTranscript } from '../../../src/activities/transcripts/fetch-transcript.js';
import type { LookInput, LookReport } from '../../../src/activities/transcripts/look.js';
import type { TranscriptPolicy, TranscriptState } from '../../../src/domain/transcripts/transcript.js';
import { answerWith, truncatedJson } from '../../../src/sample/faults.js';
import type { FakeInvoca } from '../../../src/sample/fake-invoca.js';
import type { TranscriptPlan } from '../../../src/sample/transcripts/transcript-plan.js';
import { aCall } from '../../support/a-transaction.js';
import { crediraTranscriptsOf, startCredira } from '../../support/fake-credira.js';
import { startInvoca, transcriptsOf } from '../../support/fake-invoca.js';
import { noDispatcher } from '../../support/dispatchers.js';
import { fixedRates } from '../../support/request-rates.js';
import { useTestDatabase } from '../../support/test-database.js';

const mongodb = useTestDatabase();
const QUIET = new DefaultLogger('ERROR');
const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const TOO_LARGE = { status: 'too_large', summary: null, sentiment: null } as const;
const ENDED_AT = new Date('2025-06-02T18:01:00Z');
const POLICY: TranscriptPolicy = { enabled: true, maxAgeMs: null, delaysMs: [60_000, 300_000], deadlineMs: 600_000 };

interface Scene {
  readonly account: string;
  readonly invoca: FakeInvoca;
  readonly deps: ActivityDependencies;
  /** Sets the worker's clock, in milliseconds after the end of the calls. */
  readonly setClock: (afterEndMs: number) => void;
}

/** Stores calls that all ended at the same instant, and starts an API with these plans for their transcripts. */
async function aScene(input: {
  transcripts: readonly TranscriptPlan[];
  analysis?: 'on' | 'not-applicable';
  storedAfterMs?: number;
  /** Ids of the calls to store; by default all calls of the plans. */
  stored?: readonly string[];
}): Promise<Scene> {
  let now = new Date(ENDED_AT.getTime() + (input.storedAfterMs ?? 0));
  const account = `a-${randomUUID().slice(0, 8)}`;
  const invoca = await startInvoca({
    transcripts: input.transcripts,
    analysis: input.analysis ?? 'not-applicable',
    now: () => now,
  });
  await mongodb.store.calls.mergeTransactions({
    account,
    transactions: (input.stored ?? input.transcripts.map(({ callId }) => callId)).map((callId) => ({
      callId,
      transaction: aCall(`T-${callId}`, { start_time_utc: ENDED_AT.getTime() - 60_000, duration: 60 }),
    })),
    transcriptPolicy: POLICY,
    now: () => now,
  });
  const ofAccount = {
    name: account,
    policy: POLICY,
    source: transcriptsOf(invoca),
    children: 5,
    dispatcher: noDispatcher,
  };
  const transcripts = new Map([[account, ofAccount]]);
  return {
    account,
    invoca,
    deps: {
      store: mongodb.store,
      rates: fixedRates,
      feeds: new Map(),
      invoices: new Map(),
      transcripts,
      now: () => now,
    },
    setClock: (afterEndMs) => {
      now = new Date(ENDED_AT.getTime() + afterEndMs);
    },
  };
}

async function claim({ deps, account }: Scene): Promise<LookInput[]> {
  const claimed = await claimTranscripts(deps, { account, onlyFresh: false });
  if (claimed.outcome === 'wait') throw new Error(`nothing is claimed until ${claimed.until}: ${claimed.reason}`);
  const { leasedUntil } = claimed;
  return claimed.calls.map(({ callId, attempts }) => ({ account, callId, attempts, leasedUntil }));
}

/** Makes a look as the workflow `transcript` does. */
async function look(scene: Scene, input: LookInput, attempt = 1): Promise<LookReport> {
  const environment = new MockActivityEnvironment({ attempt }, { logger: QUIET });
  const result = await environment.run(async (): Promise<LookReport> => {
    const { outcome, ask, reason } = await fetchTranscript(scene.deps, input);
    if (ask === null) return outcome;
    const after = outcome === 'pending' ? 'not-ready' : 'stored';
    const decided = await fetchAnalysis(scene.deps, { ...input, after, reason });
    return after === 'stored' ? outcome : decided;
  });
  return result;
}

async function lookAtAll(scene: Scene, attempt = 1): Promise<LookReport[]> {
  return lookAtEach(scene, await claim(scene), attempt);
}

async function lookAtEach(scene: Scene, claimed: readonly LookInput[], attempt = 1): Promise<LookReport[]> {
  const outcomes: LookReport[] = [];
  for (const each of claimed) outcomes.push(await look(scene, each, attempt));
  return outcomes;
}

/** Pads the document until it has room for only `roomBytes` more bytes. */
async function fillUp(_id: string, roomBytes: number): Promise<void> {
  const calls = mongodb.db.collection<{ _id: string; padding: string }>('calls');
  await calls.updateOne({ _id }, { $set: { padding: '' } });
  const document = await calls.findOne({ _id });
  const paddingBytes = 16 * 1024 * 1024 - BSON.calculateObjectSize(document ?? {}) - roomBytes;
  await calls.updateOne({ _id }, { $set: { padding: 'p'.repeat(paddingBytes) } });
}

function counted(words: readonly string[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const word of words) counts[word] = (counts[word] ?? 0) + 1;
  return counts;
}

async function stateOf({ account }: Scene, callId: string): Promise<TranscriptState | undefined> {
  return (await mongodb.store.calls.find({ account, id: callId }))?.transcript;
}

describe('a look at a transcript', () => {
  it('stores the transcript with its turns and its analysis', async () => {
    const turns = [{ agent: 'Which day suits you?' }, { caller: 'Tuesday.' }];
    const scene = await aScene({
      transcripts: [{ callId: 'C1', turns, summary: 'Books Tuesday.' }],
      analysis: 'on',
      storedAfterMs: 60_000,
    });

    expect(await lookAtAll(scene)).toEqual(['available']);

    expect(await stateOf(scene, 'C1')).toMatchObject({
      status: 'available',
      attempts: 1,
      nextAttemptAt: null,
      text: 'agent: Which day suits you?\ncaller: Tuesday.',
      turns: [
        { speaker: 'agent', text: 'Which day suits you?' },
        { speaker: 'caller', text: 'Tuesday.' },
      ],
      analysis: { summary: 'Books Tuesday.' },
    });
    expect(await mongodb.store.limits.transcriptsState(scene.account)).toMatchObject({ analysis: 'on' });
  });

  it('follows the delays, looks for the last time at the deadline, and then gives up', async () => {
    const scene = await aScene({ transcripts: [{ callId: 'C1', fate: 'silent' }] });
    const seen: unknown[] = [];

    for (const afterEndMs of [0, 60_000, 299_000, 300_000, 600_000, 900_000]) {
      scene.setClock(afterEndMs);
      seen.push([afterEndMs, await lookAtAll(scene)]);
    }

    expect(seen).toEqual([
      [0, []],
      [60_000, ['pending']],
      [299_000, []],
      [300_000, ['pending']],
      [600_000, ['expired']],
      [900_000, []],
    ]);
    expect(await stateOf(scene, 'C1')).toMatchObject({ status: 'expired', attempts: 3, nextAttemptAt: null });
  });

  it('asks once for a call that is first seen after its deadline', async () => {
    const scene = await aScene({ transcripts: [{ callId: 'C1', fate: 'silent' }], storedAfterMs: 7 * DAY_MS });

    expect(await stateOf(scene, 'C1')).toMatchObject({ status: 'pending', lane: 'old' });
    expect(await lookAtAll(scene)).toEqual(['expired']);
    expect(scene.invoca.requestsByCall.get('C1')).toMatchObject({ transcript: 1 });
  });

  it.each([
    { fate: 'none', status: 'none' },
    { fate: 'too-short', status: 'none' },
    { fate: 'gone', status: 'gone' },
    { fate: 'forbidden', status: 'forbidden' },
    { fate: 'too-large', status: 'too_large' },
  ] as const)('ends as $status if the source answers $fate', async ({ fate, status }) => {
    const scene = await aScene({ transcripts: [{ callId: 'C1', fate }], analysis: 'on', storedAfterMs: 60_000 });

    expect(await lookAtAll(scene)).toEqual([status]);

    const state = await stateOf(scene, 'C1');
    expect(state).toMatchObject({ status, attempts: 1, nextAttemptAt: null, text: null });
    expect(state?.reason).toMatch(/^[a-z-]+: /);
  });

  it('stores an answer without readable turns as text, and counts it', async () => {
    const scene = await aScene({ transcripts: [{ callId: 'C1', fate: 'unknown-shape' }], storedAfterMs: 60_000 });

    expect(await lookAtAll(scene)).toEqual(['available']);

    expect(await stateOf(scene, 'C1')).toMatchObject({
      status: 'available',
      reason: 'unknown-shape',
      text: '{"call_record_id":"C1","transcript":{"state":"in_review","segments":[]}}',
      turns: [],
      nextAttemptAt: null,
    });
    expect(await mongodb.store.callCounts.read(scene.account)).toMatchObject({ unknownShape: 1 });
    expect(await mongodb.store.transcripts.readability(scene.account)).toMatchObject({ looked: 1, unreadable: 1 });
  });

  it('asks again after a blank answer, and stores it at the last look', async () => {
    const scene = await aScene({ transcripts: [{ callId: 'C1' }, { callId: 'C2' }], storedAfterMs: 60_000 });
    const empty = answerWith({ status: 200, body: '{}' });
    scene.invoca.plan({ times: 1, answer: empty, when: ({ path }) => path === '/call/transcript/C1' });
    scene.invoca.plan({ times: 3, answer: empty, when: ({ path }) => path === '/call/transcript/C2' });
    const seen: LookReport[][] = [];
    for (const afterEndMs of [60_000, 300_000, 600_000]) {
      scene.setClock(afterEndMs);
      seen.push((await lookAtAll(scene)).sort());
    }

    expect(seen).toEqual([['pending', 'pending'], ['available', 'pending'], ['available']]);
    expect(await stateOf(scene, 'C1')).toMatchObject({ reason: null, text: 'agent: Which color?\ncaller: Orange.' });
    expect(await stateOf(scene, 'C2')).toMatchObject({ reason: 'unknown-shape', text: '{}' });
  });

  it('never stores an error as a transcript', async () => {
    const scene = await aScene({ transcripts: [{ callId: 'C1' }], storedAfterMs: 60_000 });
    scene.invoca.plan({ answer: answerWith({ status: 200, body: '{"error":"no"}' }) });

    expect(await lookAtAll(scene)).toEqual(['pending']);

    expect(await stateOf(scene, 'C1')).toMatchObject({ text: null, reason: 'refused: an error with status 200' });
  });

  it.each([1, 2])('asks again after half a transcript in attempt %i, without counting a look', async (attempt) => {
    const scene = await aScene({ transcripts: [{ callId: 'C1' }], storedAfterMs: 7 * DAY_MS });
    scene.invoca.plan({ answer: truncatedJson() });
    const [claimed] = await claim(scene);
    if (claimed === undefined) throw new Error('the call is due');

    await expect(look(scene, claimed, attempt)).rejects.toMatchObject({ type: 'Unavailable', nonRetryable: false });

    expect(await look(scene, claimed, attempt + 1)).toBe('available');
    expect(await stateOf(scene, 'C1')).toMatchObject({ attempts: 1 });
  });

  it('looks again a minute after only garbled answers, also after the deadline, but not forever', async () => {
    const scene = await aScene({ transcripts: [{ callId: 'C1' }], storedAfterMs: 7 * DAY_MS });
    scene.invoca.plan({ times: 4, answer: truncatedJson() });
    const outcomes: LookReport[] = [];
    for (const minute of [0, 1, 2, 3]) {
      scene.setClock(7 * DAY_MS + minute * 61_000);
      outcomes.push(...(await lookAtAll(scene, 3)));
    }
    expect(outcomes).toEqual(['pending', 'pending', 'pending', 'available']);
  });

  it('does not end the last look before the analysis shows if there will be a transcript', async () => {
    const scene = await aScene({
      transcripts: [{ callId: 'C1', fate: 'none' }],
      analysis: 'on',
      storedAfterMs: 7 * DAY_MS,
    });
    const isAnalysis = ({ path }: { path: string }) => path.includes('transcript_analysis');
    scene.invoca.plan({ when: isAnalysis, answer: answerWith({ status: 503 }) });

    expect(await lookAtAll(scene, 3)).toEqual(['deferred']);
    scene.setClock(7 * DAY_MS + 301_000);
    expect(await lookAtAll(scene)).toEqual(['none']);
  });

  it('asks again for an unreadable analysis, for an hour', async () => {
    const scene = await aScene({ transcripts: [{ callId: 'C1' }], analysis: 'on', storedAfterMs: 7 * DAY_MS });
    const isAnalysis = ({ path }: { path: string }) => path.includes('transcript_analysis');
    scene.invoca.plan({ when: isAnalysis, times: 2, answer: truncatedJson() });

    expect(await lookAtAll(scene, 3)).toEqual(['available']);
    scene.setClock(7 * DAY_MS + 61_000);
    expect(await lookAtAll(scene, 3)).toEqual(['analysis']);
    expect((await stateOf(scene, 'C1'))?.analysis).toBeUndefined();
    scene.setClock(7 * DAY_MS + 2 * 3_600_000);
    expect(await lookAtAll(scene, 3)).toEqual(['analysis']);

    expect((await stateOf(scene, 'C1'))?.analysis).toBeDefined();
  });

  it.each([
    { what: 'is over its cap', roomBytes: null, summaryBytes: 4_200_000, analysis: TOO_LARGE },
    { what: 'does not fit into the document', roomBytes: 100_000, summaryBytes: 300_000, analysis: TOO_LARGE },
    { what: 'does not fit, and nothing else does', roomBytes: 40, summaryBytes: 300_000, analysis: undefined },
  ])('does not ask again for an analysis that $what', async ({ roomBytes, summaryBytes, analysis }) => {
    const plan = { callId: 'C1', summary: 's'.repeat(summaryBytes) };
    const scene = await aScene({ transcripts: [plan], analysis: 'on', storedAfterMs: 60_000 });
    const [claimed] = await claim(scene);
    if (claimed === undefined) throw new Error('the call is due');
    await new MockActivityEnvironment({}, { logger: QUIET }).run(() => fetchTranscript(scene.deps, claimed));
    if (roomBytes !== null) await fillUp(`${scene.account}:C1`, roomBytes);

    expect(await look(scene, claimed)).toBe('analysis');

    scene.setClock(DAY_MS);
    expect(await lookAtAll(scene)).toEqual([]);
    expect(scene.invoca.requestsByCall.get('C1')).toMatchObject({ transcript: 1, analysis: 1 });
    const state = await stateOf(scene, 'C1');
    expect(state).toMatchObject({ status: 'available', text: 'agent: Which color?\ncaller: Orange.' });
    expect(state?.analysis).toEqual(analysis);
  });

  it('finds out once that the account has no analysis, and does not ask again', async () => {
    const scene = await aScene({
      transcripts: [{ callId: 'C1' }, { callId: 'C2' }],
      analysis: 'not-applicable',
      storedAfterMs: 60_000,
    });

    expect(await lookAtAll(scene)).toEqual(['available', 'available']);

    const asked = ['C1', 'C2'].map((callId) => scene.invoca.requestsByCall.get(callId)?.analysis ?? 0);
    expect(asked.sort()).toEqual([0, 1]);
  });

  it('asks for the missing analysis if an attempt died right after it stored the transcript', async () => {
    const scene = await aScene({
      transcripts: [{ callId: 'C1', summary: 'Books Tuesday.' }],
      analysis: 'on',
      storedAfterMs: 60_000,
    });
    const [claimed] = await claim(scene);
    if (claimed === undefined) throw new Error('the call is due');
    const environment = new MockActivityEnvironment({ attempt: 1 }, { logger: QUIET });
    await environment.run(() => fetchTranscript(scene.deps, claimed));

    expect(await look(scene, claimed, 2)).toBe('analysis');

    expect(await stateOf(scene, 'C1')).toMatchObject({
      attempts: 1,
      nextAttemptAt: null,
      analysis: { summary: 'Books Tuesday.' },
    });
    expect(scene.invoca.requestsByCall.get('C1')).toMatchObject({ delivered: 1, analysis: 1 });
    expect(await look(scene, claimed, 3), 'nothing is left to ask').toBe('skipped');
  });

  it('makes no request if another look has the lease, or the transcript is stored', async () => {
    const scene = await aScene({ transcripts: [{ callId: 'C1' }], storedAfterMs: 60_000 });
    const [first] = await claim(scene);
    if (first === undefined) throw new Error('the call is due');
    scene.setClock(DAY_MS);
    const [second] = await claim(scene);
    if (second === undefined) throw new Error('the lease has run out');

    expect(await look(scene, first)).toBe('skipped');
    expect(await look(scene, second)).toBe('available');
    expect(await look(scene, second)).toBe('skipped');
    expect(scene.invoca.requestsByCall.get('C1')).toMatchObject({ transcript: 1, delivered: 1 });
  });
});

describe('a look, when the source is in trouble', () => {
  it('does not end the trouble by an answer without a request', async () => {
    const scene = await aScene({ transcripts: [{ callId: 'C1' }], storedAfterMs: 60_000 });
    const credira = await startCredira();
    const { account, deps } = scene;
    const ofAccount = {
      name: account,
      policy: POLICY,
      source: crediraTranscriptsOf(credira),
      children: 5,
      dispatcher: noDispatcher,
    };
    const unasked = { ...scene, deps: { ...deps, transcripts: new Map([[account, ofAccount]]) } };
    const refusal = { account, lane: 'fresh', now: deps.now(), holdAfter: 10, holdMs: HOUR_MS } as const;
    await deps.store.limits.noteForbidden(refusal);

    expect(await lookAtAll(unasked)).toEqual(['deferred']);

    expect(credira.requests).toEqual([]);
    expect((await deps.store.limits.transcriptsState(account)).rests.fresh).toMatchObject({ forbiddenInARow: 1 });
  });

  it.each([429, 503])('does not count after a %i, which holds the whole account', async (status) => {
    const scene = await aScene({ transcripts: [{ callId: 'C1' }], storedAfterMs: 60_000 });
    scene.invoca.plan({ answer: answerWith({ status, headers: { 'retry-after': '120' } }) });

    expect(await lookAtAll(scene)).toEqual(['deferred']);

    expect(await stateOf(scene, 'C1')).toMatchObject({ status: 'pending', attempts: 0 });
    expect(await claimTranscripts(scene.deps, { ...scene, onlyFresh: false })).toMatchObject({ outcome: 'wait' });
    scene.setClock(60_000 + 121_000);
    expect(await lookAtAll(scene)).toEqual(['available']);
  });

  it('asks for the analysis when the lease expires, if the look ended right after it stored the transcript', async () => {
    const scene = await aScene({ transcripts: [{ callId: 'C1' }], analysis: 'on', storedAfterMs: 60_000 });
    const [claimed] = await claim(scene);
    if (claimed === undefined) throw new Error('the call is due');
    await new MockActivityEnvironment({}, { logger: QUIET }).run(() => fetchTranscript(scene.deps, claimed));
    expect(await lookAtAll(scene), 'still leased').toEqual([]);

    scene.setClock(60_000 + 31 * 60_000);
    expect(await lookAtAll(scene)).toEqual(['analysis']);

    expect(scene.invoca.requestsByCall.get('C1')).toMatchObject({ delivered: 1, analysis: 1 });
    expect(await lookAtAll(scene), 'nothing is left to ask').toEqual([]);
  });

  it('asks for a late analysis at the planned looks until the deadline, but not for the transcript again', async () => {
    const transcripts = [
      { callId: 'C1', analysisReadyAt: new Date(ENDED_AT.getTime() + 200_000), summary: 'Books Tuesday.' },
      { callId: 'C2', analysisReadyAt: new Date(ENDED_AT.getTime() + 900_000) },
    ];
    const scene = await aScene({ transcripts, analysis: 'on' });
    const seen: unknown[] = [];

    for (const afterEndMs of [60_000, 299_000, 300_000, 600_000, 900_000]) {
      scene.setClock(afterEndMs);
      seen.push([afterEndMs, await lookAtAll(scene)]);
    }

    expect(seen).toEqual([
      [60_000, ['available', 'available']],
      [299_000, []],
      [300_000, ['analysis', 'analysis']],
      [600_000, ['analysis']],
      [900_000, []],
    ]);
    expect(await stateOf(scene, 'C1')).toMatchObject({ attempts: 1, analysis: { summary: 'Books Tuesday.' } });
    expect(await stateOf(scene, 'C2')).toMatchObject({ status: 'available', nextAttemptAt: null });
    expect(scene.invoca.requestsByCall.get('C2')).toEqual({ transcript: 1, delivered: 1, analysis: 3 });
  });

  it('asks for the analysis again after a hold or an outage', async () => {
    const scene = await aScene({ transcripts: [{ callId: 'C1' }], analysis: 'on', storedAfterMs: 60_000 });
    const isAnalysis = ({ path }: { path: string }) => path.includes('transcript_analysis');
    scene.invoca.plan({ when: isAnalysis, answer: answerWith({ status: 429, headers: { 'retry-after': '120' } }) });
    expect(await lookAtAll(scene)).toEqual(['available']);

    scene.invoca.plan({ when: isAnalysis, times: 1, answer: answerWith({ status: 503 }) });
    scene.setClock(60_000 + 121_000);
    expect(await lookAtAll(scene, 3)).toEqual(['analysis']);
    scene.setClock(60_000 + 121_000 + 301_000);
    expect(await lookAtAll(scene)).toEqual(['analysis']);

    expect((await stateOf(scene, 'C1'))?.analysis).toBeDefined();
  });

  it.each([429, 503])('holds the whole account after a %i to the request for the analysis', async (status) => {
    const scene = await aScene({ transcripts: [{ callId: 'C1' }], analysis: 'on', storedAfterMs: 60_000 });
    scene.invoca.plan({
      when: ({ path }) => path.includes('transcript_analysis'),
      answer: answerWith({ status, headers: { 'retry-after': '120' } }),
    });

    expect(await lookAtAll(scene)).toEqual(['available']);
    expect(await claimTranscripts(scene.deps, { ...scene, onlyFresh: false })).toMatchObject({ outcome: 'wait' });
  });

  it('releases the call after the third failure in a row', async () => {
    const scene = await aScene({ transcripts: [{ callId: 'C1' }], storedAfterMs: 60_000 });
    scene.invoca.plan({ times: 3, answer: answerWith({ status: 503 }) });
    const [claimed] = await claim(scene);
    if (claimed === undefined) throw new Error('the call is due');

    await expect(look(scene, claimed, 1)).rejects.toMatchObject({ type: 'Unavailable', nonRetryable: false });
    await expect(look(scene, claimed, 2)).rejects.toMatchObject({ type: 'Unavailable' });
    expect(await look(scene, claimed, 3)).toBe('deferred');

    expect(await stateOf(scene, 'C1')).toMatchObject({ status: 'pending', attempts: 0 });
    scene.setClock(60_000 + 10 * 60_000);
    expect(await lookAtAll(scene)).toEqual(['available']);
  });

  it('holds all transcripts after a refused token, and continues once the token is accepted', async () => {
    const scene = await aScene({ transcripts: [{ callId: 'C1' }, { callId: 'C2' }], storedAfterMs: 60_000 });
    scene.invoca.plan({ answer: answerWith({ status: 401 }) });

    expect(await lookAtAll(scene)).toEqual(['deferred', 'deferred']);

    expect(scene.invoca.requests, 'the second call is not asked for').toHaveLength(1);
    expect(await claimTranscripts(scene.deps, { ...scene, onlyFresh: false })).toMatchObject({
      outcome: 'wait',
      reason: expect.stringContaining('401') as string,
    });
    scene.setClock(60_000 + 16 * 60_000);
    expect(await lookAtAll(scene)).toEqual(['available', 'available']);
  });
});

describe('a run of refusals', () => {
  const forbidden = (callId: string): TranscriptPlan => ({ callId, fate: 'forbidden' });
  const calls = (prefix: string, count: number) =>
    Array.from({ length: count }, (_unused, index) => `${prefix}${index}`);

  /** Stores more calls of the account, which ended `endedAfterMs` after the others. */
  async function addCalls(scene: Scene, { callIds, endedAfterMs }: { callIds: string[]; endedAfterMs: number }) {
    const start_time_utc = ENDED_AT.getTime() + endedAfterMs - 60_000;
    await mongodb.store.calls.mergeTransactions({
      account: scene.account,
      transactions: callIds.map((callId) => ({
        callId,
        transaction: aCall(`T-${callId}`, { start_time_utc, duration: 60 }),
      })),
      transcriptPolicy: POLICY,
      now: scene.deps.now,
    });
  }

  /** Stores fourteen calls of last year that the source refuses; plans three calls of today with transcripts. */
  async function lastYearRefused(): Promise<Scene & { readonly old: string[]; readonly fresh: string[] }> {
    const old = calls('OLD-', 14);
    const fresh = calls('FRESH-', 3);
    const transcripts = [...old.map(forbidden), ...fresh.map((callId) => ({ callId }))];
    const scene = await aScene({ transcripts, stored: [] });
    scene.setClock(365 * DAY_MS);
    await addCalls(scene, { callIds: old, endedAfterMs: 0 });
    return { ...scene, old, fresh };
  }

  it('forbids each call, and holds its lane for an hour while the other lane continues, also the next day', async () => {
    const scene = await lastYearRefused();
    expect(counted(await lookAtAll(scene))).toEqual({ forbidden: 10, deferred: 4 });
    await addCalls(scene, { callIds: scene.fresh.slice(0, 2), endedAfterMs: 365 * DAY_MS - 60_000 });

    const claimed = await claimTranscripts(scene.deps, { account: scene.account, onlyFresh: false });
    expect(claimed).toMatchObject({
      calls: [{ lane: 'fresh' }, { lane: 'fresh' }],
      rests: [{ lane: 'old', reason: 'the source refused 10 in a row with 403' }],
    });
    scene.setClock(366 * DAY_MS);
    await addCalls(scene, { callIds: scene.fresh.slice(2), endedAfterMs: 366 * DAY_MS - 60_000 });

    expect(counted(await lookAtAll(scene)), 'the claimed ones again, today’s, and one probe').toEqual({
      available: 3,
      forbidden: 1,
    });
    expect(await lookAtAll(scene)).toEqual([]);
  });

  it('is probed with the newest due call after an hour; once allowed, its refused calls are asked for again', async () => {
    const scene = await lastYearRefused();
    await addCalls(scene, { callIds: ['OLD-BEFORE'], endedAfterMs: -DAY_MS });
    await mongodb.db.collection('calls').updateOne(
      { account: scene.account, callId: 'OLD-BEFORE' },
      {
        $set: {
          'transcript.status': 'forbidden',
          'transcript.nextAttemptAt': null,
          'transcript.forbiddenAt': ENDED_AT,
        },
      },
    );
    await lookAtAll(scene);
    await addCalls(scene, { callIds: ['NEWER'], endedAfterMs: DAY_MS });
    expect(await lookAtAll(scene), 'on hold').toEqual([]);

    scene.setClock(365 * DAY_MS + HOUR_MS - 1);
    expect(await lookAtAll(scene), 'still on hold').toEqual([]);
    scene.setClock(365 * DAY_MS + HOUR_MS);
    const probes = [await claim(scene), await claim(scene)];
    expect(probes.map((claims) => claims.map(({ callId }) => callId))).toEqual([['NEWER'], []]);
    await lookAtEach(scene, probes[0] ?? []);
    expect((await stateOf(scene, 'NEWER'))?.status, 'it has no plan: 404').toBe('expired');

    expect(counted((await claim(scene)).map(({ callId }) => callId.slice(0, 4)))).toEqual({ 'OLD-': 14 });
    expect(await stateOf(scene, 'OLD-BEFORE')).toMatchObject({ status: 'forbidden' });
  });

  it('is extended by a refused probe, and never probes with a forbidden call', async () => {
    const callIds = calls('C', 10);
    const scene = await aScene({ transcripts: callIds.map(forbidden), storedAfterMs: 60_000 });
    await lookAtAll(scene);
    scene.setClock(2 * HOUR_MS);
    expect(await lookAtAll(scene), 'none is due').toEqual([]);
    await addCalls(scene, { callIds: ['NEXT', 'LAST'], endedAfterMs: 2 * HOUR_MS - 120_000 });
    scene.invoca.plan({ answer: answerWith({ status: 403 }), when: ({ path }) => path.endsWith('LAST') });
    scene.invoca.plan({ answer: answerWith({ status: 403 }), when: ({ path }) => path.endsWith('NEXT') });

    expect(await lookAtAll(scene)).toEqual(['forbidden']);
    expect(await lookAtAll(scene)).toEqual([]);
    scene.setClock(3 * HOUR_MS);
    expect(await lookAtAll(scene)).toEqual(['forbidden']);
  });

  it('ends at once when an operator retries forbidden calls, also for the calls it kept waiting', async () => {
    const scene = await lastYearRefused();
    await lookAtAll(scene);
    const { store, now } = scene.deps;

    await store.transcripts.retry({ account: scene.account, status: 'forbidden', now: now() });

    expect(await claim(scene)).toHaveLength(14);
  });

  it('does not hold the lane if an allowed call interrupts it', async () => {
    const transcripts = calls('C', 24).map((callId, index) => (index === 9 ? { callId } : forbidden(callId)));
    const scene = await aScene({ transcripts, storedAfterMs: 60_000 });
    const claimed = await claim(scene);
    const inOrder = transcripts.flatMap(({ callId }) => claimed.filter((each) => each.callId === callId));

    expect(counted(await lookAtEach(scene, inOrder.slice(0, 19)))).toEqual({ forbidden: 18, available: 1 });
    expect(counted(await lookAtEach(scene, inOrder.slice(19)))).toEqual({ forbidden: 1, deferred: 4 });
    expect((await stateOf(scene, 'C3'))?.status, 'before the ten').toBe('forbidden');
  });
});
