import type { TranscriptPolicy } from '../domain/transcripts/transcript.js';
import { SOURCES, type Source } from '../domain/call.js';
import type { ConfigFile } from './files/config-file.js';
import { environmentSource, readGroup, type Environment, type TextSource } from './read-group.js';
import { proxyForUrl, readNetwork } from './network/proxy.js';
import { namesOf, type ValuesOf } from './setting.js';
import { ACCOUNT_SETTINGS, crediraSettings, invocaSettings } from './table.js';

/** Settings that an account of any source has. */
interface CommonAccount {
  readonly name: string;
  readonly source: Source;
  /** IANA zone of its days; null if none is set. */
  readonly timeZone: string | null;
  /** The URL without a slash at its end. */
  readonly baseUrl: string;
  readonly requestsPerSecond: number;
  readonly pollIntervalMs: number;
  readonly transcripts: TranscriptPolicy;
  /** The proxy for requests to the base URL, with user and password; null for direct ones. */
  readonly proxy: URL | null;
}

/** An Invoca credential and how to use it. */
export interface InvocaAccount extends CommonAccount {
  readonly source: 'invoca';
  readonly scope: 'networks' | 'advertisers' | 'affiliates';
  readonly id: string;
  readonly token: string;
  readonly apiVersion: string;
  readonly pageLimit: number;
  readonly excludeColumns: readonly string[];
  /** A transaction id. Never set together with `startDate`. */
  readonly startAfter: string | null;
  /** `YYYY-MM-DD` in `timeZone`. */
  readonly startDate: string | null;
  /** 0 if the nightly reconcile is off. */
  readonly reconcileDays: number;
  /** The secret that its webhooks must show; null if it takes none. */
  readonly webhookSecret: string | null;
}

/** A Credira credential and how to use it. */
export interface CrediraAccount extends CommonAccount {
  readonly source: 'credira';
  readonly timeZone: 'UTC';
  readonly apiKey: string;
}

/** The type of each source's accounts. */
export interface AccountOf extends Record<Source, CommonAccount> {
  readonly invoca: InvocaAccount;
  readonly credira: CrediraAccount;
}

export type Account = AccountOf[Source];

export interface AccountsReading {
  readonly accounts: readonly Account[];
  readonly problems: readonly string[];
  readonly warnings: readonly string[];
}

interface AccountReading {
  readonly account: Account | null;
  readonly problems: readonly string[];
}

/** Reads the accounts of the environment, followed by those of the config file. */
export function readAccounts({ env, cwd, file }: { env: Environment; cwd: string; file: ConfigFile }): AccountsReading {
  const environment = environmentSource({ env, cwd });
  // A variable that only the config file refers to, or one set to its default, does not make an account.
  const isBegun = (source: Source): boolean => {
    const { settings } = ACCOUNT_SETTINGS[source];
    return namesOf(settings).some(
      (name) =>
        ![undefined, settings[name]?.default].includes(environment.textOf(name)) && !file.usedNames.includes(name),
    );
  };
  const readings = [
    ...SOURCES.filter(isBegun).map((source) => READERS[source](environment)),
    ...file.accounts.map(({ source, texts }) => READERS[source](texts)),
  ];
  const network = readNetwork({ env, cwd });
  const accounts = readings
    .flatMap(({ account }) => account ?? [])
    .map((account) => ({ ...account, proxy: proxyForUrl(network, new URL(account.baseUrl)) }));
  const problems = [...file.problems, ...readings.flatMap((reading) => reading.problems), ...repeatedNames(accounts)];
  return { accounts, problems, warnings: file.warnings };
}

const READERS: Readonly<Record<Source, (texts: TextSource) => AccountReading>> = {
  invoca: readInvocaAccount,
  credira: readCrediraAccount,
};

function readInvocaAccount(texts: TextSource): AccountReading {
  const { values, sound, problems } = readGroup(invocaSettings, texts);
  const clashes: string[] = [];
  if (isGiven(sound.INVOCA_START_AFTER) && isGiven(sound.INVOCA_START_DATE)) {
    clashes.push(
      `${texts.label('INVOCA_START_AFTER')} and ${texts.label('INVOCA_START_DATE')} are both set: set only one`,
    );
  }
  if (isGiven(sound.INVOCA_START_DATE) && sound.INVOCA_TIME_ZONE === null) {
    clashes.push(
      `${texts.label('INVOCA_TIME_ZONE')} is missing: ${texts.label('INVOCA_START_DATE')} needs it to know when that day begins`,
    );
  }
  const allProblems = [...problems, ...clashes];
  return { account: values !== null && clashes.length === 0 ? invocaAccount(values) : null, problems: allProblems };
}

function readCrediraAccount(texts: TextSource): AccountReading {
  const { values, problems } = readGroup(crediraSettings, texts);
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
    webhookSecret: values.INVOCA_WEBHOOK_SECRET,
    transcripts: transcriptPolicy({
      enabled: values.INVOCA_TRANSCRIPTS,
      maxAgeMs: values.INVOCA_TRANSCRIPT_MAX_AGE,
      delaysMs: values.INVOCA_TRANSCRIPT_DELAYS,
      deadlineMs: values.INVOCA_TRANSCRIPT_DEADLINE,
    }),
    proxy: null,
  };
}

function crediraAccount(values: ValuesOf<typeof crediraSettings>): CrediraAccount {
  return {
    name: values.CREDIRA_ACCOUNT,
    source: 'credira',
    timeZone: 'UTC',
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
    proxy: null,
  };
}

function transcriptPolicy(policy: TranscriptPolicy): TranscriptPolicy {
  return { ...policy, delaysMs: policy.delaysMs.filter((delayMs) => delayMs < policy.deadlineMs) };
}

function repeatedNames(accounts: readonly Account[]): string[] {
  const names = accounts.map(({ name }) => name);
  const repeated = new Set(names.filter((name, index) => names.indexOf(name) !== index));
  const settings = SOURCES.map((source) => `${source.toUpperCase()}_ACCOUNT, `).join('');
  return [...repeated].map(
    (name) => `two accounts are named "${name}": names must be unique (${settings}accounts[].name)`,
  );
}
