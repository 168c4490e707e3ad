import { isDeepStrictEqual } from 'node:util';
import {
  foldCrediraCall,
  isCompletedStatus,
  mergeCredira,
  type CrediraCall,
} from '../../src/domain/credira/credira-call.js';
import type { SampleInvoices } from '../../src/sample/credira/credira-feed.js';
import type { FakeCredira } from '../../src/sample/credira/fake-credira.js';
import type { Store } from '../../src/store/store.js';
import { crediraClientOf } from '../support/fake-credira.js';

export const CREDIRA_ACCOUNT = 'chaos-credira';

export interface CrediraJudgement {
  readonly crediraCalls: number;
  readonly crediraLost: number;
  readonly crediraWrong: number;
}

/** Expected content of each call that the API lists, with the details of completed ones, by call id. */
export async function expectedCrediraCalls({
  api,
  sample,
}: {
  api: FakeCredira;
  sample: SampleInvoices;
}): Promise<ReadonlyMap<string, object>> {
  const client = crediraClientOf(api);
  const expected = new Map<string, object>();
  for (const invoiceId of sample.invoiceIds) {
    const answer = await client.listCalls({ invoiceId });
    const listed = answer.kind === 'calls' ? answer.calls : [];
    for (const call of listed) expected.set(call.callId, meaningOf(mergeCredira(await withDetails(client, call))));
  }
  return expected;
}

export async function judgeCredira({
  store,
  expected,
}: {
  store: Store;
  expected: ReadonlyMap<string, object>;
}): Promise<CrediraJudgement> {
  let [crediraLost, crediraWrong] = [0, 0];
  for (const [id, call] of expected) {
    const stored = await store.calls.findOfAnySource({ account: CREDIRA_ACCOUNT, id });
    if (stored === null) crediraLost += 1;
    else if (!isDeepStrictEqual(meaningOf(stored), call)) crediraWrong += 1;
  }
  return { crediraCalls: expected.size, crediraLost, crediraWrong };
}

/** Settings of the Credira account, for the environment of the workers. */
export function crediraSettings({ baseUrl, apiKey }: FakeCredira): Record<string, string> {
  return {
    CREDIRA_ACCOUNT,
    CREDIRA_BASE_URL: baseUrl,
    CREDIRA_API_KEY: apiKey,
    CREDIRA_REQUESTS_PER_SECOND: '1000',
    CREDIRA_TRANSCRIPT_DELAYS: '1s',
    CREDIRA_TRANSCRIPT_DEADLINE: '2s',
  };
}

async function withDetails(client: ReturnType<typeof crediraClientOf>, listed: CrediraCall): Promise<CrediraCall> {
  const { status } = listed.fields;
  if (typeof status !== 'string' || !isCompletedStatus(status)) return listed;
  const answer = await client.getCall({ callId: listed.callId });
  return answer.kind === 'call' ? foldCrediraCall(listed, answer.call).call : listed;
}

/** Fields of a call that do not depend on when and by what it was read. */
function meaningOf(call: object): object {
  const { credira, startedAt, durationSeconds, from, to, result, recordingUrl } = call as Record<string, unknown>;
  return { credira, startedAt, durationSeconds, from, to, result, recordingUrl };
}
