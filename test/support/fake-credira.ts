import { expect, onTestFinished } from 'vitest';
import type { CrediraSampleCall } from '../../src/sample/credira/credira-invoice.js';
import { startFakeCredira, type FakeCredira, type FakeCrediraOptions } from '../../src/sample/credira/fake-credira.js';
import { createCrediraClient, type CrediraClient } from '../../src/sources/credira/client.js';
import type { CrediraCredential } from '../../src/sources/credira/ask.js';
import { createCrediraTranscripts } from '../../src/sources/credira/transcript-client.js';
import type { TranscriptSource } from '../../src/sources/transcripts/transcript-source.js';

/** Starts a fake API that stops when the test ends; fails the test if a planned fault was never used. */
export async function startCredira(options: FakeCrediraOptions = {}): Promise<FakeCredira> {
  const credira = await startFakeCredira(options);
  onTestFinished(async () => {
    await credira.close();
    expect(credira.unusedPlans(), 'planned faults that no request used').toEqual([]);
  });
  return credira;
}

export function crediraClientOf(credira: FakeCredira, options: Partial<CrediraCredential> = {}): CrediraClient {
  return createCrediraClient({ baseUrl: credira.baseUrl, apiKey: credira.apiKey, ...options });
}

export function crediraTranscriptsOf(credira: FakeCredira, options: Partial<CrediraCredential> = {}): TranscriptSource {
  return createCrediraTranscripts({ baseUrl: credira.baseUrl, apiKey: credira.apiKey, ...options });
}

/** A completed call that the API has from the start. */
export function aCompletedCall(callId: string, more: Partial<CrediraSampleCall> = {}): CrediraSampleCall {
  const fields = {
    duration: 180,
    status: 'completed',
    from: '+17755550110',
    to: '+17755550143',
    created_time: '2024-01-15T10:30:00Z',
    start_time: '2024-01-15T10:30:05Z',
    tags: ['promise'],
  };
  return { callId, stages: [{ fields }], ...more };
}
