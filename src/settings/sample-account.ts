import type { TranscriptPolicy } from '../domain/transcripts/transcript.js';
import type { Account, AccountOf, CrediraAccount, InvocaAccount } from './accounts.js';
import { SOURCES } from '../domain/call.js';

/** Short delays, so that a sample call's transcript is decided within two minutes. */
const TRANSCRIPTS: TranscriptPolicy = {
  enabled: true,
  maxAgeMs: null,
  delaysMs: [5_000, 15_000, 30_000, 60_000],
  deadlineMs: 120_000,
};

/** The account of the built-in sample feed. */
export function sampleAccount({
  baseUrl,
  token,
  networkId,
}: {
  baseUrl: string;
  token: string;
  networkId: string;
}): InvocaAccount {
  return {
    name: 'sample',
    source: 'invoca',
    baseUrl,
    scope: 'networks',
    id: networkId,
    token,
    apiVersion: '2020-10-01',
    pageLimit: 500,
    excludeColumns: [],
    timeZone: 'America/Los_Angeles',
    startAfter: null,
    startDate: null,
    requestsPerSecond: 200,
    pollIntervalMs: 20_000,
    reconcileDays: 3,
    webhookSecret: 'sample-secret-that-opens-nothing',
    transcripts: TRANSCRIPTS,
    proxy: null,
  };
}

/** The account of the sample invoices. */
export function sampleCrediraAccount({ baseUrl, apiKey }: { baseUrl: string; apiKey: string }): CrediraAccount {
  return {
    name: 'sample-credira',
    source: 'credira',
    timeZone: 'UTC',
    baseUrl,
    apiKey,
    requestsPerSecond: 50,
    pollIntervalMs: 20_000,
    transcripts: TRANSCRIPTS,
    proxy: null,
  };
}

/** Returns the accounts of a served sample, one per source. */
export function sampleAccounts({
  credira,
  ...invoca
}: Parameters<typeof sampleAccount>[0] & {
  credira: Parameters<typeof sampleCrediraAccount>[0];
}): Account[] {
  const sample: AccountOf = { invoca: sampleAccount(invoca), credira: sampleCrediraAccount(credira) };
  return SOURCES.map((source) => sample[source]);
}
