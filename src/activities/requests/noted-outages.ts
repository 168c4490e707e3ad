import { SourceError } from '../../sources/errors.js';
import type { ActivityDependencies, FeedAccount, InvoiceAccount } from '../dependencies.js';

type Noting = Pick<ActivityDependencies, 'store' | 'now'>;

/**
 * The same dependencies; after each request for rows or calls it is noted whether the account's source answers. A 429
 * or a refusal is an answer too. Transcripts are left out: their holds are noted elsewhere.
 */
export function notingOutages(deps: ActivityDependencies): ActivityDependencies {
  const { store, rates, transcripts, now } = deps;
  // Each by its name, so that accounts of another kind are not passed on without notes.
  return {
    store,
    rates,
    transcripts,
    now,
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

/** It says no, or asks to be left alone. */
function isAnswer({ kind, retryAfterMs }: SourceError): boolean {
  return kind === 'rate-limited' || kind === 'refused' || retryAfterMs !== null;
}

function mapValues<T>(map: ReadonlyMap<string, T>, change: (value: T) => T): ReadonlyMap<string, T> {
  return new Map([...map].map(([name, value]) => [name, change(value)]));
}
