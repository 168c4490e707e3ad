import { isDeepStrictEqual } from 'node:util';
import { setTimeout as sleep } from 'node:timers/promises';
import { WorkflowFailedError, type Client } from '@temporalio/client';
import { createSampleInvoices } from '../../src/sample/credira/credira-feed.js';
import { startFakeCredira } from '../../src/sample/credira/fake-credira.js';
import { startFakeInvoca } from '../../src/sample/fake-invoca.js';
import { createSampleFeed, type SampleFeed } from '../../src/sample/feed/feed.js';
import { createRandom, type Random } from '../../src/sample/random.js';
import { openStore, type Store } from '../../src/store/store.js';
import { startDrain, startTranscripts } from '../../src/temporal/runs/account-workflows.js';
import { startBackfill } from '../../src/temporal/runs/backfills.js';
import { withClient } from '../../src/temporal/server/connect.js';
import { startInvoices } from '../../src/temporal/runs/invoice-workflows.js';
import { clientOf } from '../support/fake-invoca.js';
import { expectedCalls, storedMeanings } from '../support/stored-calls.js';
import {
  CREDIRA_ACCOUNT,
  crediraSettings,
  expectedCrediraCalls,
  judgeCredira,
  type CrediraJudgement,
} from './credira.js';
import { exposedHistories, leaksIn, secretsOf } from './leaks.js';
import { makeFaulty, type ApiRecord } from './faulty-api.js';
import { chaosSettings, startChaosWorld, type ChaosWorld, type Victim } from './world.js';

export interface ChaosOptions {
  readonly seed: number;
  readonly calls: number;
  /** Share of list answers that are replaced by faults, from 0 to 1; a tenth of that for other answers. */
  readonly faultShare: number;
  readonly kills: readonly Victim[];
}

export interface ChaosReport extends Omit<ApiRecord, 'pages' | 'transcripts'>, CrediraJudgement {
  readonly seed: number;
  readonly kills: readonly Victim[];
  /** Number of different pages with rows; `pagesReadAgain` counts all further reads of them. */
  readonly pages: number;
  readonly pagesReadAgain: number;
  readonly calls: number;
  readonly callsLost: number;
  /** Number of documents of calls that the source does not have. */
  readonly callsDoubled: number;
  /** Number of documents whose content differs from the source. */
  readonly callsWrong: number;
  readonly transcriptsHeld: number;
  /** Transcripts with a wrong status, such as "7F3A-1C9E: ready, expired after 2 looks, no reason". */
  readonly transcriptsWrong: readonly string[];
  readonly transcriptsReadAgain: number;
  /** Number of histories, metrics and logs searched for secrets and personal data. */
  readonly searched: number;
  readonly leaks: readonly string[];
  readonly seconds: number;
}

const ACCOUNT = 'chaos';
/** End of the sample's week. */
const ENDS_AT = new Date('2025-06-09T00:00:00Z');
const RANGE = { from: '2025-06-01', to: '2025-06-08' };
export const PARALLEL_WINDOWS = 3;
const INVOICES = 24;
/** Interval of the polls for invoices, by default: one whose list broke off is due by then. */
const NEXT_POLL_MS = 15 * 60_000;
const BETWEEN_KILLS_MS = [2_000, 6_000] as const;

/**
 * Drains and backfills a feed, reads invoices and fetches transcripts at the same time, while the APIs fail and
 * processes are killed at instants drawn from the seed. When everything is done, compares what is stored with what the
 * sources have.
 */
export async function runChaos(options: ChaosOptions): Promise<ChaosReport> {
  const startedMs = Date.now();
  const feed = createSampleFeed({ seed: options.seed, endsAt: ENDS_AT, calls: options.calls });
  const invoca = await startFakeInvoca({ feed });
  const expected = await expectedCalls(clientOf(invoca));
  const random = createRandom('chaos', options.seed);
  const sample = createSampleInvoices({ seed: options.seed, endsAt: ENDS_AT, invoices: INVOICES });
  const credira = await startFakeCredira({ invoices: sample.invoices });
  const expectedOfCredira = await expectedCrediraCalls({ api: credira, sample });
  const share = options.faultShare;
  const record = makeFaulty({ api: invoca, share, mostHolds: 4, random });
  const crediraRecord = makeFaulty({ api: credira, share, mostHolds: 2, random });
  const settings = { ...chaosSettings(invoca, ACCOUNT), ...crediraSettings(credira) };
  const world = await startChaosWorld({ workers: 2, settings });
  const store = await openStore({ uri: world.mongodbUri, database: 'chaos' });
  try {
    await store.ensureIndexes();
    await store.invoices.track({ account: CREDIRA_ACCOUNT, invoiceIds: sample.invoiceIds, now: () => new Date() });
    const histories = await withClient(world.temporalAddress, async (client) => {
      const killing = killAll({ world, kills: options.kills, random });
      const sources = [drainToTheEnd(client), backfill(client), syncInvoices(client, new Date())];
      await Promise.all([...sources, fetchTranscripts({ client, store, account: ACCOUNT }), killing]);
      await drainToTheEnd(client);
      await syncInvoices(client, new Date(Date.now() + NEXT_POLL_MS));
      await fetchTranscripts({ client, store, account: ACCOUNT });
      await fetchTranscripts({ client, store, account: CREDIRA_ACCOUNT });
      return exposedHistories(client);
    });
    const metrics = (await world.metrics()).map((text) => ({ where: 'the metrics', text }));
    const exposed = [...histories, ...metrics, { where: 'the log', text: world.said() }];
    const stored = await storedMeanings({ store, account: ACCOUNT, callIds: expected.keys() });
    const { calls } = await store.calls.summary(ACCOUNT);
    return {
      requests: record.requests + crediraRecord.requests,
      faults: sumOf([record.faults, crediraRecord.faults]),
      holds: record.holds + crediraRecord.holds,
      duringHolds: record.duringHolds + crediraRecord.duringHolds,
      seed: options.seed,
      kills: options.kills,
      pages: record.pages.size,
      pagesReadAgain: againOf(record.pages),
      calls: expected.size,
      callsLost: expected.size - stored.size,
      callsDoubled: calls - stored.size,
      callsWrong: [...stored].filter(([callId, call]) => !isDeepStrictEqual(call, expected.get(callId))).length,
      ...(await judgeTranscripts({ store, feed })),
      ...(await judgeCredira({ store, expected: expectedOfCredira })),
      transcriptsReadAgain: againOf(record.transcripts),
      // Each text names the account, unless it could not be read.
      searched: exposed.filter(({ text }) => text.includes(ACCOUNT)).length,
      leaks: leaksIn({ exposed, secrets: secretsOf({ feed, sample, tokens: [invoca.token, credira.apiKey] }) }),
      seconds: Math.round((Date.now() - startedMs) / 1_000),
    };
  } finally {
    await store.close();
    await world.stop();
    await Promise.all([invoca.close(), credira.close()]);
  }
}

async function killAll({ world, kills, random }: { world: ChaosWorld; kills: readonly Victim[]; random: Random }) {
  for (const victim of kills) {
    await sleep(random.int(...BETWEEN_KILLS_MS));
    await world.kill(victim, random);
  }
}

async function drainToTheEnd(client: Client): Promise<void> {
  await endOf(async () => (await startDrain(client, ACCOUNT)).handle);
}

async function backfill(client: Client): Promise<void> {
  const options = { newestFirst: false, reprocess: 'all', transcripts: 'all', windowDays: 1 } as const;
  await endOf(
    async () =>
      (await startBackfill(client, { account: ACCOUNT, ...RANGE, ...options, parallel: PARALLEL_WINDOWS })).handle,
  );
}

async function syncInvoices(client: Client, dueBy: Date): Promise<void> {
  await endOf(async () => (await startInvoices(client, { account: CREDIRA_ACCOUNT, dueBy })).handle);
}

interface Fetching {
  readonly client: Client;
  readonly store: Store;
  readonly account: string;
}

/** Starts the workflow again and again, as its schedule does, until no transcript is to come. */
async function fetchTranscripts({ client, store, account }: Fetching): Promise<void> {
  do {
    await endOf(async () => (await startTranscripts(client, account)).handle);
  } while (await isAnyToCome({ store, account }));
}

async function isAnyToCome({ store, account }: Omit<Fetching, 'client'>): Promise<boolean> {
  const { byStatus, analysesToCome } = await persist(() => store.callCounts.read(account));
  if (analysesToCome + (byStatus.pending ?? 0) === 0) return false;
  await sleep(500);
  return true;
}

/** Waits until a workflow has completed, even if servers are killed meanwhile. Throws if the workflow fails. */
async function endOf(start: () => Promise<{ result(): Promise<unknown> }>): Promise<void> {
  const handle = await persist(start);
  await persist(() => handle.result());
}

/** Repeats an attempt until it succeeds or the test times out. Throws if a workflow failed. */
async function persist<Result>(attempt: () => Promise<Result>): Promise<Result> {
  for (;;) {
    try {
      return await attempt();
    } catch (error) {
      if (error instanceof WorkflowFailedError) throw error;
      await sleep(250);
    }
  }
}

const STATUS_OF_FATE: Readonly<Record<string, string>> = {
  ready: 'available',
  none: 'none',
  'too-short': 'none',
  silent: 'expired',
  forbidden: 'forbidden',
  gone: 'gone',
  'too-large': 'too_large',
  'unknown-shape': 'available',
};

async function judgeTranscripts({ store, feed }: { store: Store; feed: SampleFeed }) {
  let transcriptsHeld = 0;
  const transcriptsWrong: string[] = [];
  for (const { callId, fate = 'ready' } of feed.transcripts) {
    const call = await store.calls.find({ account: ACCOUNT, id: callId });
    if (call === null) continue;
    const { status, analysis, attempts, reason } = call.transcript;
    if (status === 'available') transcriptsHeld += 1;
    const isWhole = fate !== 'ready' || analysis !== undefined;
    if (status === STATUS_OF_FATE[fate] && isWhole) continue;
    const found = isWhole ? status : 'no analysis';
    transcriptsWrong.push(`${callId}: ${fate}, ${found} after ${attempts} looks, ${reason ?? 'no reason'}`);
  }
  return { transcriptsHeld, transcriptsWrong };
}

function sumOf(counts: readonly ReadonlyMap<string, number>[]): Map<string, number> {
  const sums = new Map<string, number>();
  for (const [name, times] of counts.flatMap((entries) => [...entries])) sums.set(name, (sums.get(name) ?? 0) + times);
  return sums;
}

function againOf(counts: ReadonlyMap<string, number>): number {
  return [...counts.values()].reduce((again, count) => again + count - 1, 0);
}
