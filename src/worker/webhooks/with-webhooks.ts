import type { Client } from '@temporalio/client';
import type { Logger } from '@temporalio/worker';
import { isLoopbackHost } from '../../process/loopback-host.js';
import type { Account } from '../../settings/accounts.js';
import { sendNudge } from '../../temporal/runs/nudges.js';
import type { Metrics } from '../metrics.js';
import { serveWebhooks } from './serve-webhooks.js';

export interface WithWebhooksInput {
  /** `host:port`, or null to take no webhooks. */
  readonly webhookAddress: string | null;
  readonly accounts: readonly Account[];
  readonly client: Client;
  readonly metrics: Pick<Metrics, 'webhooks'>;
  readonly logger: Logger;
  /** Aborting it closes the receiver, and then aborts the signal that `use` is given. */
  readonly signal: AbortSignal;
}

/**
 * Takes webhooks while `use` runs, if there is an address.
 * @throws the failure of `use`; an error with the address and its setting, if the address cannot be used
 */
export async function withWebhooks<T>(input: WithWebhooksInput, use: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const { webhookAddress: address, accounts, client, metrics, logger, signal } = input;
  if (address === null) return use(signal);
  const server = await serveWebhooks({
    address,
    secrets: secretsOf(accounts),
    sendNudge: (nudge) => sendNudge(client, nudge),
    count: ({ account, status }) => metrics.webhooks.add(1, { account, status: String(status) }),
    logger,
  });
  const closed = new AbortController();
  const close = (): void => void server.close().then(() => closed.abort());
  signal.addEventListener('abort', close);
  if (signal.aborted) close();
  try {
    return await use(closed.signal);
  } finally {
    signal.removeEventListener('abort', close);
    await server.close();
  }
}

function secretsOf(accounts: readonly Account[]): Map<string, string> {
  return new Map(
    accounts.flatMap((account) =>
      account.source === 'invoca' && account.webhookSecret !== null ? [[account.name, account.webhookSecret]] : [],
    ),
  );
}

/** Returns what a user should know about the settings of webhooks, one line each. */
export function webhookWarnings({
  webhookAddress: address,
  accounts,
}: Pick<WithWebhooksInput, 'webhookAddress' | 'accounts'>): string[] {
  if (address === null) return [];
  const host = address.slice(0, address.lastIndexOf(':'));
  const warnings = [];
  if (!isLoopbackHost(host)) {
    warnings.push(
      `CALLWEAVE_WEBHOOK_ADDRESS is ${address}, which other machines may reach, and takes plain HTTP: let only a reverse ` +
        'proxy with TLS send to it (docs/webhooks.md)',
    );
  }
  if (secretsOf(accounts).size === 0) {
    warnings.push(
      'CALLWEAVE_WEBHOOK_ADDRESS is set, but no account takes webhooks: set INVOCA_WEBHOOK_SECRET (in callweave.yaml, ' +
        'webhookSecret), or turn the address off',
    );
  }
  return warnings;
}
