import type { TranscriptPolicy } from '../domain/transcripts/transcript.js';
import { readConfigFile } from './files/config-file.js';
import { environmentSource, readGroup } from './read-group.js';
import type { Environment, TextSource } from './read-group.js';
import { namesOf } from './setting.js';
import type { SettingGroup, ValuesOf } from './setting.js';
import { crediraSettings, invocaSettings } from './table.js';

/** An Invoca credential and how to use it. */
export interface InvocaAccount {
  readonly name: string;
  readonly source: 'invoca';
  /** Without a slash at its end. */
  readonly baseUrl: string;
  readonly scope: 'networks' | 'advertisers' | 'affiliates';
  readonly id: string;
  readonly token: string;
  readonly apiVersion: string;
  readonly pageLimit: number;
  readonly excludeColumns: readonly string[];
  /** IANA zone of the token; null where none is set. */
  readonly timeZone: string | null;
  /** A transaction id. Never set together with `startDate`. */
  readonly startAfter: string | null;
  /** `YYYY-MM-DD` in `timeZone`. */
  readonly startDate: string | null;
  readonly requestsPerSecond: number;
  readonly pollIntervalMs: number;
  /** 0 where the nightly sweep is off. */
  readonly reconcileDays: number;
  readonly transcripts: TranscriptPolicy;
}

/** A Credira credential and how to use it. */
export interface CrediraAccount {
  readonly name: string;
  readonly source: 'credira';
  /** Without a slash at its end. */
  readonly baseUrl: string;
  readonly apiKey: string;
  readonly requestsPerSecond: number;
  readonly pollIntervalMs: number;
  readonly transcripts: TranscriptPolicy;
}

export type Account = InvocaAccount | CrediraAccount;

export interface AccountsReading {
  readonly accounts: readonly Account[];
  readonly problems: readonly string[];
  readonly warnings: readonly string[];
}

interface AccountReading {
  readonly account: Account | null;
  readonly problems: readonly string[];
}

/** The accounts of the environment and those of the config file together. */
export function readAccounts({ env, cwd }: { env: Environment; cwd: string }): AccountsReading {
  const file = readConfigFile({ env, cwd });
  const environment = environmentSource({ env, cwd });
  // Neither a token that only the config file speaks of nor a default written out is the beginning of an account.
  const isSet = (group: SettingGroup, name: string): boolean =>
    ![undefined, group[name]?.default].includes(environment.textOf(name)) && !file.usedNames.includes(name);
  const hasAny = (group: SettingGroup): boolean => namesOf(group).some((name) => isSet(group, name));

  const readings = [
    ...(hasAny(invocaSettings) ? [readInvocaAccount(environment)] : []),
    ...(hasAny(crediraSettings) ? [readCrediraAccount(environment)] : []),
    ...file.accounts.map(({ kind, source }) =>
      kind === 'invoca' ? readInvocaAccount(source) : readCrediraAccount(source),
    ),
  ];
  const accounts = readings.map(({ account }) => account).filter((account) => account !== null);
  const problems = [...file.problems, ...readings.flatMap((reading) => reading.problems), ...repeatedNames(accounts)];
  return { accounts, problems, warnings: file.warnings };
}

function readInvocaAccount(source: TextSource): AccountReading {
  const { values, sound, problems } = readGroup(invocaSettings, source);
  const clashes: string[] = [];
  if (isGiven(sound.INVOCA_START_AFTER) && isGiven(sound.INVOCA_START_DATE)) {
    clashes.push(`${source.label('INVOCA_START_AFTER')} and ${source.label('INVOCA_START_DATE')} exclude each other`);
  }
  if (isGiven(sound.INVOCA_START_DATE) && sound.INVOCA_TIME_ZONE === null) {
    clashes.push(`${source.label('INVOCA_TIME_ZONE')} is missing: INVOCA_START_DATE is a day of that zone`);
  }
  const allProblems = [...problems, ...clashes];
  return { account: values !== null && clashes.length === 0 ? invocaAccount(values) : null, problems: allProblems };
}

function readCrediraAccount(source: TextSource): AccountReading {
  const { values, problems } = readGroup(crediraSettings, source);
  return { account: values === null ? null : crediraAccount(values), problems };
}

function isGiven(value: string | null | undefined): boolean {
  return value !== null && value !== undefined;
}

function invocaAccount(values: ValuesOf<typeof invocaSettings>): InvocaAccount {
  return {
    name: values.INVOCA_ACCOUNT,
    source: 'invoca',
    baseUrl: values.INVOCA_BASE_URL,
    scope: values.INVOCA_SCOPE,
    id: values.INVOCA_ID,
    token: values.INVOCA_TOKEN,
    apiVersion: values.INVOCA_API_VERSION,
    pageLimit: values.INVOCA_PAGE_LIMIT,
    excludeColumns: values.INVOCA_EXCLUDE_COLUMNS ?? [],
    timeZone: values.INVOCA_TIME_ZONE,
    startAfter: values.INVOCA_START_AFTER,
    startDate: values.INVOCA_START_DATE,
    requestsPerSecond: values.INVOCA_REQUESTS_PER_SECOND,
    pollIntervalMs: values.INVOCA_POLL_INTERVAL,
    reconcileDays: values.INVOCA_RECONCILE_DAYS,
    transcripts: transcriptPolicy({
      enabled: values.INVOCA_TRANSCRIPTS,
      maxAgeMs: values.INVOCA_TRANSCRIPT_MAX_AGE,
      delaysMs: values.INVOCA_TRANSCRIPT_DELAYS,
      deadlineMs: values.INVOCA_TRANSCRIPT_DEADLINE,
    }),
  };
}

function crediraAccount(values: ValuesOf<typeof crediraSettings>): CrediraAccount {
  return {
    name: values.CREDIRA_ACCOUNT,
    source: 'credira',
    baseUrl: values.CREDIRA_BASE_URL,
    apiKey: values.CREDIRA_API_KEY,
    requestsPerSecond: values.CREDIRA_REQUESTS_PER_SECOND,
    pollIntervalMs: values.CREDIRA_POLL_INTERVAL,
    transcripts: transcriptPolicy({
      enabled: values.CREDIRA_TRANSCRIPTS,
      maxAgeMs: values.CREDIRA_TRANSCRIPT_MAX_AGE,
      delaysMs: values.CREDIRA_TRANSCRIPT_DELAYS,
      deadlineMs: values.CREDIRA_TRANSCRIPT_DEADLINE,
    }),
  };
}

function transcriptPolicy(policy: TranscriptPolicy): TranscriptPolicy {
  return { ...policy, delaysMs: policy.delaysMs.filter((delayMs) => delayMs < policy.deadlineMs) };
}

function repeatedNames(accounts: readonly Account[]): string[] {
  const names = accounts.map(({ name }) => name);
  const repeated = new Set(names.filter((name, index) => names.indexOf(name) !== index));
  return [...repeated].map(
    (name) =>
      `two accounts are named "${name}": names must be unique (INVOCA_ACCOUNT, CREDIRA_ACCOUNT, accounts[].name)`,
  );
}
