import { SourceError } from '../../sources/errors.js';
import type { ActivityDependencies, FeedAccount, InvoiceAccount } from '../dependencies.js';

type Noting = Pick<ActivityDependencies, 'store' | 'now'>;

/**
 * Returns the same dependencies, whose requests for rows and calls also store whether the account's source answers. A
 * 429 or a refusal counts as an answer. Transcripts are left out: `transcript-holds.ts` stores their holds.
 */
export function notingOutages(deps: ActivityDependencies): ActivityDependencies {
  const { store, rates, transcripts, now, bodies } = deps;
  // Named one by one, so that a new kind of account is not passed on unnoted.
  return {
    store,
    rates,
    transcripts,
    now,
    ...(bodies !== undefined && { bodies }),
    feeds: mapValues(deps.feeds, (feed) => notedFeed(deps, feed)),
    invoices: mapValues(deps.invoices, (account) => notedInvoices(deps, account)),
  };
}

function notedFeed(deps: Noting, feed: FeedAccount): FeedAccount {
  const { client, name } = feed;
  return {
    ...feed,
    client: {
      fetchPage: (request) => noted(deps, name, () => client.fetchPage(request)),
      hasTransaction: (request) => noted(deps, name, () => client.hasTransaction(request)),
    },
  };
}

function notedInvoices(deps: Noting, account: InvoiceAccount): InvoiceAccount {
  const { client, name } = account;
  return {
    ...account,
    client: {
      listCalls: (request) => noted(deps, name, () => client.listCalls(request)),
      getCall: (request) => noted(deps, name, () => client.getCall(request)),
    },
  };
}

async function noted<T>({ store, now }: Noting, account: string, request: () => Promise<T>): Promise<T> {
  try {
    const answer = await request();
    await store.outages.end(account);
    return answer;
  } catch (error) {
    if (!(error instanceof SourceError)) throw error;
    if (isAnswer(error)) await store.outages.end(account);
    else await store.outages.note({ account, at: now(), reason: error.message });
    throw error;
  }
}

/** True if the error is an answer of the source: a refusal, or a request to wait. */
function isAnswer({ kind, retryAfterMs }: SourceError): boolean {
  return kind === 'rate-limited' || kind === 'refused' || retryAfterMs !== null;
}

function mapValues<T>(map: ReadonlyMap<string, T>, change: (value: T) => T): ReadonlyMap<string, T> {
  return new Map([...map].map(([name, value]) => [name, change(value)]));
}
