import { expect, onTestFinished } from 'vitest';
import { startFakeInvoca, type FakeInvoca, type FakeInvocaOptions } from '../../src/sample/fake-invoca.js';
import { createInvocaClient, type InvocaClient, type InvocaClientOptions } from '../../src/sources/invoca/client.js';
import { createInvocaTranscripts, type InvocaTranscriptOptions } from '../../src/sources/invoca/transcript-client.js';
import type { TranscriptSource } from '../../src/sources/transcripts/transcript-source.js';

/** Starts a fake API that stops when the test ends; fails the test if a planned fault was never used. */
export async function startInvoca(options: FakeInvocaOptions = {}): Promise<FakeInvoca> {
  const invoca = await startFakeInvoca(options);
  onTestFinished(async () => {
    await invoca.close();
    expect(invoca.unusedPlans(), 'planned faults that no request used').toEqual([]);
  });
  return invoca;
}

export function clientOf(invoca: FakeInvoca, options: Partial<InvocaClientOptions> = {}): InvocaClient {
  return createInvocaClient({
    baseUrl: invoca.baseUrl,
    scope: 'networks',
    id: invoca.networkId,
    token: invoca.token,
    apiVersion: '2020-10-01',
    excludeColumns: [],
    ...options,
  });
}

export function transcriptsOf(invoca: FakeInvoca, options: Partial<InvocaTranscriptOptions> = {}): TranscriptSource {
  return createInvocaTranscripts({ baseUrl: invoca.baseUrl, token: invoca.token, ...options });
}

/** `count` minimal rows, one per call; each has a smaller transaction id than the row before it. */
export function minimalRows(count: number): Record<string, unknown>[] {
  return Array.from({ length: count }, (_unused, index) => ({
    transaction_id: `${String(9_999 - index)}-0000`,
    complete_call_id: `CALL-${index}`,
    transaction_type: 'Call',
    start_time_utc: Date.UTC(2025, 5, 2, 18) + index * 60_000,
    duration: 60,
  }));
}
