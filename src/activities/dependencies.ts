import { ApplicationFailure, ApplicationFailureCategory } from '@temporalio/common';
import type { CountedAttention } from '../domain/alerts/conditions.js';
import type { TranscriptPolicy } from '../domain/transcripts/transcript.js';
import type { AlertClient } from '../sources/alerts/alert-client.js';
import type { CrediraClient } from '../sources/credira/client.js';
import type { InvocaClient } from '../sources/invoca/client.js';
import type { TranscriptSource } from '../sources/transcripts/transcript-source.js';
import type { Hold } from '../store/limits/holds.js';
import type { Store } from '../store/store.js';
import type { BodyGate } from './requests/body-gate.js';

/** An account with a transaction feed, as the activities need it. */
export interface FeedAccount {
  readonly name: string;
  readonly client: Pick<InvocaClient, 'fetchPage' | 'hasTransaction'>;
  /** Rows asked for per page. The limit shrinks while the source cannot serve that many. */
  readonly pageLimit: number;
  /** IANA zone of the token, in which days begin and end; null if none is set. */
  readonly timeZone: string | null;
  /** Transaction id after which the first live drain starts; null for the oldest row. */
  readonly startAfter: string | null;
  /** Day (YYYY-MM-DD) at which the first live drain starts instead; null if none is set. */
  readonly startDate: string | null;
  readonly transcripts: TranscriptPolicy;
}

/** An account with transcripts, as the activities need it. */
export interface TranscriptAccount {
  readonly name: string;
  readonly source: TranscriptSource;
  readonly policy: TranscriptPolicy;
  /** Looks that run at once. */
  readonly children: number;
  readonly dispatcher: TranscriptDispatcher;
}

/** The workflow that stays while a look of an account is due soon. It runs only while its schedule does. */
export interface TranscriptDispatcher {
  /** Shortest time between two claims that find due calls. */
  readonly pauseMs: number;
  /** True if the schedule of the account's looks is there and not paused. */
  isWanted(): Promise<boolean>;
  /** Starts it, or wakes it at `dueAt` if it sleeps for longer. Does nothing if it is not wanted. */
  wake(dueAt: Date): Promise<void>;
}

/** An account whose calls are asked for by invoice, as the activities need it. */
export interface InvoiceAccount {
  readonly name: string;
  readonly client: CrediraClient;
  /** Time until an invoice with an unfinished call is due again. */
  readonly pollIntervalMs: number;
  readonly transcripts: TranscriptPolicy;
}

/** Limits on the requests per second to the accounts' APIs, and the requests that this process makes. */
export interface RequestRates {
  /** Name of this process, which no other has. */
  readonly processName: string;
  /** Returns the requests per second that the account's settings allow. */
  ceilingOf(account: string): number;
  /** Limits the account's queue to its new stored rate (requests per second; null for the ceiling). Never fails. */
  follow(change: { readonly account: string; readonly rate: number | null }): Promise<void>;
  /** Waits a second at most, so that requests that the queue released together do not start together. */
  turn(account: string): Promise<void>;
  /** Notes that the source answered a request and did not ask to wait. */
  noteAnswer(answer: { readonly account: string; readonly at: Date }): void;
  /** Returns the number of answers within `spanMs` up to `at`. */
  answeredIn(span: { readonly account: string; readonly at: Date; readonly spanMs: number }): number;
  /** Returns the number of answers before a refusal of another process, once for each refusal; else 0. */
  answersToAdd(read: { readonly account: string; readonly hold: Hold }): number;
}

/** Receiver of alerts, and what they are about. */
export interface Alerting extends AlertClient {
  /** Lists everything that needs a person now, as `status` does. */
  readAttention(): Promise<readonly CountedAttention[]>;
  /** Returns the URL of the account's workflows in Temporal's Web UI; null if its address is unknown. */
  urlOf(account: string | null): string | null;
}

export interface ActivityDependencies {
  readonly store: Store;
  readonly rates: RequestRates;
  readonly feeds: ReadonlyMap<string, FeedAccount>;
  readonly invoices: ReadonlyMap<string, InvoiceAccount>;
  readonly transcripts: ReadonlyMap<string, TranscriptAccount>;
  /** Null or left out: no alert URL is set. */
  readonly alerting?: Alerting | null;
  readonly now: () => Date;
  /** Gate for the answers in this process; the one of the whole process by default. */
  readonly bodies?: BodyGate;
}

/**
 * Returns the entry of the account.
 * @throws a retryable `UnknownAccount` if this worker has no settings for the account: another worker may have them
 */
export function requireAccount<T>(accounts: ReadonlyMap<string, T>, name: string): T {
  const account = accounts.get(name);
  if (account !== undefined) return account;
  throw ApplicationFailure.create({
    type: 'UnknownAccount',
    message:
      `This worker has no settings for the account ${name}. Give it the account's settings and restart it, or remove ` +
      'the schedule with `callweave schedule remove`.',
    nextRetryDelay: '5 seconds',
    // Not a failure if workers with different accounts share the queue: a retry reaches the right one.
    category: ApplicationFailureCategory.BENIGN,
  });
}
