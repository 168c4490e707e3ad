import { randomUUID } from 'node:crypto';
import { ApplicationFailure } from '@temporalio/common';
import { MockActivityEnvironment } from '@temporalio/testing';
import { DefaultLogger } from '@temporalio/worker';
import { describe, expect, it } from 'vitest';
import { drainPage, type DrainPageInput, type DrainPageResult } from '../../../src/activities/feed/drain-page.js';
import type { FeedAccount } from '../../../src/activities/dependencies.js';
import { BodyGate } from '../../../src/activities/requests/body-gate.js';
import { answerWith, type Fault } from '../../../src/sample/faults.js';
import type { FakeInvoca } from '../../../src/sample/fake-invoca.js';
import type { Store } from '../../../src/store/store.js';
import { Crash, dyingStore, type StoreStep } from '../../support/dying-store.js';
import { minimalRows, startInvoca } from '../../support/fake-invoca.js';
import { feedAccount } from '../../support/feed-account.js';
import { CEILING, fixedRates } from '../../support/request-rates.js';
import { useTestDatabase } from '../../support/test-database.js';

const mongodb = useTestDatabase();
const QUIET = new DefaultLogger('ERROR');

interface Scene {
  readonly invoca: FakeInvoca;
  readonly feed: FeedAccount;
  readonly input: DrainPageInput;
}

interface Attempt {
  readonly scene: Scene;
  readonly store?: Store;
  readonly activityId?: string;
  readonly attempt?: number;
  readonly input?: Partial<DrainPageInput>;
  readonly bodies?: BodyGate;
  /** Aborting it cancels the activity. */
  readonly cancel?: AbortSignal;
}

async function aScene(rows: readonly unknown[], feed: Partial<FeedAccount> = {}): Promise<Scene> {
  const invoca = await startInvoca({ rows });
  const account = feedAccount(invoca, { name: `a-${randomUUID().slice(0, 8)}`, ...feed });
  const stream = `drain/${account.name}`;
  await mongodb.store.checkpoints.open({ stream, account: account.name, cursor: null, pageLimit: account.pageLimit });
  const input: DrainPageInput = {
    account: account.name,
    stream,
    seq: 0,
    drainId: 'drain-1',
    beganAt: '2025-06-02T18:00:00.000Z',
    window: null,
    transcripts: 'all',
    precedingWaits: 0,
  };
  return { invoca, feed: account, input };
}

async function run({
  scene,
  store = mongodb.store,
  activityId = '1',
  attempt = 1,
  input,
  bodies,
  cancel,
}: Attempt): Promise<DrainPageResult> {
  const workflowExecution = { workflowId: scene.input.stream, runId: 'run-1' };
  const environment = new MockActivityEnvironment({ activityId, attempt, workflowExecution }, { logger: QUIET });
  const deps = {
    store,
    rates: fixedRates,
    feeds: new Map([[scene.feed.name, scene.feed]]),
    invoices: new Map(),
    transcripts: new Map(),
    now: () => new Date(),
    ...(bodies && { bodies }),
  };
  cancel?.addEventListener('abort', () => environment.cancel());
  const result: unknown = await environment.run(() => drainPage(deps, { ...scene.input, ...input }));
  return result as DrainPageResult;
}

async function stateOf({ input }: Scene): Promise<object> {
  const { db, store } = mongodb;
  const checkpoint = await store.checkpoints.read(input.stream);
  const calls = await db.collection('calls').find({ account: input.account }).sort({ _id: 1 }).toArray();
  const ledger = await db.collection('pages').find({ stream: input.stream }).toArray();
  const rejects = await db.collection('rejects').countDocuments({ account: input.account });
  return {
    checkpoint: { seq: checkpoint?.seq, cursor: checkpoint?.cursor, totals: checkpoint?.totals },
    calls: calls.map(({ callId, durationSeconds, revision }) => ({
      callId: callId as string,
      durationSeconds: durationSeconds as number,
      revision: revision as number,
    })),
    ledger: ledger.map(({ seq, cursorIn, cursorOut, rows, rejects: bad }) => ({
      seq: seq as number,
      cursorIn: cursorIn as null,
      cursorOut: cursorOut as string,
      rows: rows as number,
      rejects: bad as number,
    })),
    rejects,
  };
}

const rows = [...minimalRows(3), { transaction_id: 'no-call' }];

describe('drainPage', () => {
  const steps: StoreStep[] = [
    'checkpoints.read',
    'limits.read',
    'calls.mergeTransactions',
    'rejects.record',
    'pages.record',
    'checkpoints.advance',
  ];
  const crashes = steps.flatMap((step) => (['before', 'after'] as const).map((moment) => ({ step, moment })));

  it.each(crashes)('loses and doubles nothing when the process dies $moment $step', async ({ step, moment }) => {
    const undisturbed = await aScene(rows);
    const resultUndisturbed = await run({ scene: undisturbed });
    const scene = await aScene(rows);

    await expect(run({ scene, store: dyingStore(mongodb.store, step, moment) })).rejects.toBeInstanceOf(Crash);
    const result = await run({ scene, attempt: 2 });

    expect({ ...result, calls: 0 }).toEqual({ ...resultUndisturbed, calls: 0 });
    expect(await stateOf(scene)).toEqual(await stateOf(undisturbed));
    expect(scene.invoca.requests.length).toBeLessThanOrEqual(2);
  });

  it('returns the receipt of its earlier attempt without a request', async () => {
    const scene = await aScene(rows);
    const first = await run({ scene });

    const second = await run({ scene, attempt: 2 });

    expect(second).toEqual(first);
    expect(first).toEqual({ outcome: 'page', seq: 1, cursor: 'no-call', rows: 4, calls: 3, rejects: 1 });
    expect(scene.invoca.requests).toHaveLength(1);
  });

  it('returns once more that its earlier attempt ended the drain at a short page', async () => {
    const scene = await aScene(minimalRows(1));
    await mongodb.db
      .collection<{ _id: string }>('checkpoints')
      .updateOne({ _id: scene.input.stream }, { $set: { shortPages: 19 } });
    const beganAt = '2025-06-02T17:59:59.999Z';
    const first = await run({ scene, input: { beganAt } });

    expect(await run({ scene, input: { beganAt }, attempt: 2 })).toEqual(first);
    expect(first).toMatchObject({ outcome: 'page', rows: 1, isCaughtUp: true });
    expect(scene.invoca.requests).toHaveLength(1);
  });

  it('does not touch a stream that another activity has moved', async () => {
    const scene = await aScene(rows);
    await run({ scene });

    expect(await run({ scene, activityId: '2' })).toEqual({ outcome: 'moved' });
    expect(scene.invoca.requests).toHaveLength(1);
  });

  it('does not move a checkpoint that was moved while the page was being read', async () => {
    const scene = await aScene(rows);
    const receipt = {
      runId: 'other',
      activityId: '9',
      drainId: 'other',
      cursorIn: null,
      cursorOut: 'X',
      rows: 0,
      calls: 0,
      rejects: 0,
      at: new Date(),
    };
    scene.invoca.plan({
      answer: ({ response, regularAnswer }) => {
        const { status, headers, body } = regularAnswer();
        void mongodb.store.checkpoints
          .advance({
            stream: scene.input.stream,
            seq: 0,
            cursor: 'X',
            pageLimit: 100,
            cleanPages: 1,
            shortPages: 0,
            caughtUpAt: null,
            liveStart: null,
            receipt,
          })
          .then(() => response.writeHead(status, headers).end(body));
      },
    });

    expect(await run({ scene })).toEqual({ outcome: 'moved' });
    expect(await mongodb.store.checkpoints.read(scene.input.stream)).toMatchObject({ seq: 1, cursor: 'X' });
  });

  it('makes no request while the account is on hold', async () => {
    const scene = await aScene(rows);
    await mongodb.store.limits.hold({
      account: scene.feed.name,
      until: new Date(Date.now() + 3_600_000),
      reason: '429 from a test',
      epoch: 0,
      ceiling: CEILING,
    });

    expect(await run({ scene })).toMatchObject({ outcome: 'wait', reason: '429 from a test' });
    expect(scene.invoca.requests).toHaveLength(0);
  });

  it('retries when a short hold ends, and does not count that as a failure', async () => {
    const scene = await aScene(rows);
    await mongodb.store.limits.hold({
      account: scene.feed.name,
      until: new Date(Date.now() + 20_000),
      reason: '429 from a test',
      epoch: 0,
      ceiling: CEILING,
    });

    const failure: unknown = await run({ scene }).catch((error: unknown) => error);

    expect(failure).toBeInstanceOf(ApplicationFailure);
    expect(failure).toMatchObject({ type: 'Hold', category: 'BENIGN' });
    expect((failure as ApplicationFailure).nextRetryDelay).toBeLessThanOrEqual(20_000);
  });

  it('stores the hold of a 429 for all workers', async () => {
    const scene = await aScene(rows);
    scene.invoca.plan({ answer: answerWith({ status: 429, headers: { 'retry-after': '900' } }) });

    const before = Date.now();
    expect(await run({ scene })).toMatchObject({ outcome: 'wait' });

    const hold = await mongodb.store.limits.read(scene.feed.name);
    expect(hold?.holdUntil.getTime()).toBeGreaterThanOrEqual(before + 900_000);
  });

  it('doubles each wait in a row, up to ten minutes', async () => {
    const waits: number[] = [];
    for (const precedingWaits of [0, 1, 2, 10]) {
      const scene = await aScene(rows);
      scene.invoca.plan({ answer: answerWith({ status: 500 }) });
      const now = Date.now();
      const result = await run({ scene, attempt: 3, input: { precedingWaits } });
      waits.push(result.outcome === 'wait' ? Math.round((Date.parse(result.until) - now) / 10_000) * 10 : 0);
    }

    expect(waits).toEqual([30, 60, 120, 600]);
  });

  it('asks for fewer rows until several pages in a row were clean', async () => {
    const scene = await aScene(minimalRows(2_000), { pageLimit: 400 });
    scene.invoca.plan({ answer: answerWith({ status: 504 }) });

    expect(await run({ scene })).toMatchObject({ outcome: 'shrink', pageLimit: 200 });
    for (let seq = 0; seq < 6; seq += 1) await run({ scene, activityId: `page ${seq}`, input: { seq } });

    expect(scene.invoca.requests.map(({ query }) => query['limit'])).toEqual([
      '400',
      '200',
      '200',
      '200',
      '200',
      '200',
      '400',
    ]);
  });

  it('fails if no row has an id, once the page has the smallest size', async () => {
    const scene = await aScene([{ note: 'no id' }, { note: 'none either' }], { pageLimit: 150 });

    expect(await run({ scene })).toMatchObject({ outcome: 'shrink', pageLimit: 100 });
    await expect(run({ scene })).rejects.toMatchObject({ type: 'PageWithoutIds', nonRetryable: true });
  });

  it('asks again for a page that breaks off, then for fewer rows, down to the row that never arrives whole', async () => {
    const [good, bad, last] = minimalRows(3);
    const scene = await aScene([good, bad, last], { pageLimit: 4 });
    const cutInSecondRow: Fault = ({ response, regularAnswer }) => {
      const { status, headers, body } = regularAnswer();
      const at = body.indexOf('"CALL-1"');
      response.writeHead(status, headers).end(at < 0 ? body : body.slice(0, at));
    };
    scene.invoca.plan({ answer: cutInSecondRow, times: 9 });

    for (const attempt of [1, 2]) {
      await expect(run({ scene, attempt })).rejects.toMatchObject({ type: 'Unavailable', nonRetryable: false });
    }
    expect(await run({ scene, attempt: 3 })).toMatchObject({ outcome: 'shrink', pageLimit: 2 });
    expect(await run({ scene })).toMatchObject({ outcome: 'shrink', pageLimit: 1 });
    expect(await run({ scene })).toMatchObject({ outcome: 'page', cursor: '9999-0000', rows: 1, rejects: 0 });
    const second = { scene, input: { seq: 1 }, activityId: '2' };
    await expect(run(second)).rejects.toMatchObject({ type: 'Unavailable' });
    await expect(run({ ...second, attempt: 2 })).rejects.toMatchObject({ type: 'Unavailable' });
    expect(await run({ ...second, attempt: 3 })).toMatchObject({
      ...{ outcome: 'page', cursor: '9998-0000', rows: 1, calls: 0, rejects: 1 },
    });
    const third = { scene, input: { seq: 2 }, activityId: '3' };
    expect(await run(third)).toMatchObject({ outcome: 'page', cursor: '9997-0000', calls: 1, rejects: 0 });

    expect(scene.invoca.requests.map(({ query }) => query['limit'])).toEqual([
      '4',
      '4',
      '4',
      '2',
      '1',
      '1',
      '1',
      '1',
      '1',
    ]);
    const reject = await mongodb.db.collection('rejects').findOne({ account: scene.feed.name });
    expect(reject).toMatchObject({
      transactionId: '9998-0000',
      reason: expect.stringMatching(/^broken-off: /) as unknown,
      raw: '{"transaction_id":"9998-0000","complete_call_id":',
    });
  });

  it.each(['[', '[{"transaction_id":"99'])('fails if a single row breaks off before its id: %s', async (body) => {
    const scene = await aScene(rows, { pageLimit: 1 });
    scene.invoca.plan({ answer: answerWith({ status: 200, body }) });

    const failure: unknown = await run({ scene, attempt: 3 }).catch((error: unknown) => error);

    expect(failure).toMatchObject({ type: 'PageWithoutIds', nonRetryable: true });
    expect((failure as Error).message).toContain(`1 rows of ${scene.feed.name} after the start`);
    expect(await mongodb.store.checkpoints.read(scene.input.stream)).toMatchObject({ seq: 0, cursor: null });
  });

  it('stores a page with a row that cannot be parsed, with one request', async () => {
    const scene = await aScene([]);
    const texts = minimalRows(3).map((row) => JSON.stringify(row));
    const bad = [
      '{"transaction_id":"B-1","complete_call_id":"B","duration":NaN}',
      '{"transaction_id":"B-2","notes":"abc}',
    ];
    scene.invoca.plan({ answer: answerWith({ status: 200, body: `[${[...texts, ...bad].join(',')}]` }) });

    expect(await run({ scene })).toEqual({ outcome: 'page', seq: 1, cursor: 'B-2', rows: 5, calls: 4, rejects: 1 });
    expect(scene.invoca.requests).toHaveLength(1);
  });

  it('holds after a 503 with a Retry-After, without lowering the rate', async () => {
    const scene = await aScene(rows);
    scene.invoca.plan({ answer: answerWith({ status: 503, headers: { 'retry-after': '120' } }) });
    const before = Date.now();

    const result = await run({ scene });

    expect(result).toMatchObject({ outcome: 'wait', reason: `503 from the API of ${scene.feed.name}` });
    const hold = await mongodb.store.limits.read(scene.feed.name);
    expect(hold).toMatchObject({ rate: null, epoch: 0 });
    expect(hold?.holdUntil.getTime()).toBeGreaterThanOrEqual(before + 120_000);
    expect(await run({ scene })).toMatchObject({ outcome: 'wait' });
    expect(scene.invoca.requests).toHaveLength(1);
  });

  it('takes a 204 as the end of the feed', async () => {
    const scene = await aScene(rows);
    await run({ scene });
    scene.invoca.plan({ answer: answerWith({ status: 204 }) });

    expect(await run({ scene, activityId: '2', input: { seq: 1 } })).toEqual({
      outcome: 'caught-up',
      cursor: 'no-call',
    });
  });

  it('retries for an unknown account, because another worker may know it', async () => {
    const scene = await aScene(rows);

    const attempt = run({ scene, input: { account: 'unknown' } });

    await expect(attempt).rejects.toMatchObject({ type: 'UnknownAccount', nonRetryable: false });
  });
});

describe('pages that do not fit into memory together', () => {
  /** A page of some 900 KB, more than half of the gate's budget. */
  const largeRows = minimalRows(3).map((row) => ({ ...row, notes: 'x'.repeat(300_000) }));
  const aGate = () => new BodyGate({ budgetBytes: 1_500_000 });

  /** A store whose merges wait until `go` is called. */
  function slowStore(): { store: Store; merging: Promise<void>; go: () => void } {
    let [go, begun] = [(): void => undefined, (): void => undefined];
    const going = new Promise<void>((resolve) => (go = resolve));
    const merging = new Promise<void>((resolve) => (begun = resolve));
    const calls = Object.create(mongodb.store.calls, {
      mergeTransactions: {
        value: async (request: Parameters<Store['calls']['mergeTransactions']>[0]) => {
          begun();
          await going;
          return mongodb.store.calls.mergeTransactions(request);
        },
      },
    }) as Store['calls'];
    return { store: { ...mongodb.store, calls }, merging, go };
  }

  it('are asked for at once, and read one after another', async () => {
    const [first, second] = [await aScene(largeRows), await aScene(largeRows)];
    const writing = slowStore();
    const bodies = aGate();
    const firstRun = run({ scene: first, store: writing.store, bodies });
    await writing.merging;
    const secondRun = run({ scene: second, bodies });
    await expect.poll(() => bodies.waiting).toBe(1);
    expect(second.invoca.requests).toHaveLength(1);
    expect(bodies.bytes).toBeLessThan(1_000_000);

    writing.go();
    expect(await firstRun).toMatchObject({ outcome: 'page', rows: 3 });
    expect(await secondRun).toMatchObject({ outcome: 'page', rows: 3 });
    expect(bodies.bytes).toBe(0);
  });

  it('do not hold up small ones', async () => {
    const [large, small] = [await aScene(largeRows), await aScene(rows)];
    const writing = slowStore();
    const bodies = new BodyGate({ budgetBytes: 1 });
    const largeRun = run({ scene: large, store: writing.store, bodies });
    await writing.merging;

    expect(await run({ scene: small, bodies })).toMatchObject({ outcome: 'page', rows: 4 });
    writing.go();
    await largeRun;
  });

  it('end their wait if they are cancelled, and leave nothing behind', async () => {
    const [first, second] = [await aScene(largeRows), await aScene(largeRows)];
    const writing = slowStore();
    const bodies = aGate();
    const firstRun = run({ scene: first, store: writing.store, bodies });
    await writing.merging;
    const cancel = new AbortController();
    const secondRun = run({ scene: second, bodies, cancel: cancel.signal });
    await expect.poll(() => bodies.waiting).toBe(1);
    cancel.abort();

    await expect(secondRun).rejects.toThrow();
    expect(await stateOf(second)).toMatchObject({ checkpoint: { seq: 0 }, calls: [], ledger: [] });
    writing.go();
    expect(await firstRun).toMatchObject({ outcome: 'page', rows: 3 });
    expect(bodies.bytes).toBe(0);
  });
});
