import type { Client } from '@temporalio/client';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { createSampleInvoices } from '../sample/credira/credira-feed.js';
import { startFakeCredira } from '../sample/credira/fake-credira.js';
import { startFakeInvoca } from '../sample/fake-invoca.js';
import { createSampleFeed } from '../sample/feed/feed.js';
import { servedInvocaAccount } from '../sample/sample-account.js';
import { listWorkflows, ofAccount } from '../temporal/runs/lists.js';
import { listOwnSchedules } from '../temporal/schedules/own-schedules.js';
import { removeSchedule } from '../temporal/schedules/schedule-operations.js';

const SAMPLE_CALLS = 2_000;
/** New calls for eight hours. */
const TRICKLE = { calls: 3_000, everyMs: 10_000 };
/** One new call a minute, also for eight hours. */
const CREDIRA_TRICKLE = { calls: 500, everyMs: 60_000 };
const STATE_FILE = 'sample.json';

const SampleState = z.object({ seed: z.int(), endsAt: z.iso.datetime().transform((text) => new Date(text)) });

export interface SampleFeedServer {
  readonly baseUrl: string;
  readonly token: string;
  readonly networkId: string;
  readonly credira: SampleCrediraServer;
}

interface SampleCrediraServer {
  readonly baseUrl: string;
  readonly apiKey: string;
  /** Ids of the invoices to track, because Credira lists none. */
  readonly invoiceIds: readonly string[];
}

/**
 * Serves the built-in sample feed and the sample invoices while `use` runs: the calls of a week up to the first start
 * in this data folder, and a trickle of new ones. A later start in the same folder serves the same calls and the newer
 * ones.
 */
export async function withSampleFeed<T>(
  { dataDir }: { dataDir: string },
  use: (server: SampleFeedServer) => Promise<T>,
): Promise<T> {
  const state = sampleState(dataDir);
  const server = await startFakeInvoca({
    feed: createSampleFeed({ ...state, calls: SAMPLE_CALLS, trickle: TRICKLE }),
  });
  try {
    const { baseUrl, token, networkId } = server;
    return await withSampleCredira(state, (credira) => use({ baseUrl, token, networkId, credira }));
  } finally {
    await server.close();
  }
}

async function withSampleCredira<T>(
  state: z.output<typeof SampleState>,
  use: (server: SampleCrediraServer) => Promise<T>,
): Promise<T> {
  const { invoices } = createSampleInvoices({ ...state, trickle: CREDIRA_TRICKLE });
  const server = await startFakeCredira({ invoices });
  try {
    const invoiceIds = invoices.map(({ invoiceId }) => invoiceId);
    return await use({ baseUrl: server.baseUrl, apiKey: server.apiKey, invoiceIds });
  } finally {
    await server.close();
  }
}

/** Removes the schedules and ends the workflows of an earlier sample, which is no longer served. */
export async function endSample(client: Client, account: string): Promise<void> {
  for (const { scheduleId } of await listOwnSchedules(client, account)) await removeSchedule(client, scheduleId);
  const query = `${ofAccount(account)} AND ExecutionStatus = 'Running'`;
  for await (const { workflowId, runId } of listWorkflows(client, { query })) {
    await client.workflow.getHandle(workflowId, runId).terminate('the sample feed is no longer served');
  }
}

/** Returns the seed and end of this data folder's sample, which its first start stores. */
function sampleState(dataDir: string): z.output<typeof SampleState> {
  const file = join(dataDir, STATE_FILE);
  const stored = SampleState.safeParse(readJson(file));
  if (stored.success) return stored.data;
  const state = { seed: servedInvocaAccount.seed, endsAt: new Date() };
  mkdirSync(dataDir, { recursive: true });
  writeFileSync(file, `${JSON.stringify(state)}\n`);
  return state;
}

function readJson(file: string): unknown {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch {
    return null;
  }
}
