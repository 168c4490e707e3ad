import { once } from 'node:events';
import { Client } from '@temporalio/client';
import { DefaultLogger, NativeConnection, Runtime } from '@temporalio/worker';
import getPort from 'get-port';
import { describe, expect, it, onTestFinished } from 'vitest';
import { sampleAccount, sampleCrediraAccount } from '../../../src/settings/sample-account.js';
import { createMetrics } from '../../../src/worker/metrics.js';
import { webhookWarnings, withWebhooks } from '../../../src/worker/webhooks/with-webhooks.js';
import { nudgesWorkflowId } from '../../../src/workflows/ids.js';
import { startTemporalProxy } from '../../support/temporal-proxy.js';
import { useTestNamespace } from '../../support/temporal-namespace.js';

const temporal = useTestNamespace();
const SECRET = 'sesame-of-webhooks';
const ACCOUNT = {
  ...sampleAccount({ baseUrl: 'http://127.0.0.1:1', token: 't', networkId: '1' }),
  webhookSecret: SECRET,
};

interface Receiving {
  readonly url: string;
  /** Stops it as SIGTERM does, and resolves when the workers could stop. */
  readonly stop: () => Promise<void>;
}

/** Takes webhooks for an account through this connection to Temporal. */
async function receive(account: string, connection: NativeConnection): Promise<Receiving> {
  const webhookAddress = `127.0.0.1:${await getPort()}`;
  const stop = new AbortController();
  const running = new AbortController();
  const received = withWebhooks(
    {
      webhookAddress,
      accounts: [{ ...ACCOUNT, name: account }],
      client: new Client({ connection, namespace: temporal.namespace }),
      metrics: createMetrics(Runtime.instance().metricMeter),
      logger: new DefaultLogger('ERROR'),
      signal: stop.signal,
    },
    async (signal) => {
      running.abort();
      await once(signal, 'abort');
    },
  );
  const stopped = (): Promise<void> => {
    stop.abort();
    return received;
  };
  onTestFinished(stopped);
  await Promise.race([received, once(running.signal, 'abort')]);
  return { url: `http://${webhookAddress}/webhooks/${account}`, stop: stopped };
}

describe('the webhooks of a worker', () => {
  it('are in the history of the account’s workflow once they are answered with 202', async () => {
    const { url, stop } = await receive('east', temporal.connection);
    const headers = { authorization: `Bearer ${SECRET}`, 'content-type': 'application/json' };
    const body = JSON.stringify({ complete_call_id: 'C-1', caller: '+1 555 0100', name: 'Jo Doe' });

    const first = await fetch(url, { method: 'POST', headers, body });
    const second = await fetch(`${url}/${SECRET}?transaction_id=T-1`);
    const handle = temporal.client.workflow.getHandle(nudgesWorkflowId('east'));
    const { type, taskQueue, typedSearchAttributes } = await handle.describe();
    const history = JSON.stringify((await handle.fetchHistory()).events);

    expect([first.status, second.status]).toEqual([202, 202]);
    expect([type, taskQueue]).toEqual(['nudges', 'callweave']);
    expect(typedSearchAttributes.getAll().map(({ value }) => value)).toEqual(expect.arrayContaining(['east', 'nudge']));
    const payloads = [...history.matchAll(/"data":"([^"]+)"/g)].map(([, data = '']) =>
      Buffer.from(data, 'base64').toString(),
    );
    expect(payloads).toContain('{"callIds":["C-1"],"transactionIds":[]}');
    expect(payloads).toContain('{"callIds":[],"transactionIds":["T-1"]}');
    expect(payloads.join()).not.toMatch(/555|Doe|sesame/);
    await stop();
    await expect(fetch(url)).rejects.toThrow();
  });

  it.each([
    ['refuses', 14],
    ['is silent', 'silent'],
  ] as const)('are answered with 503 while Temporal %s, and with 202 again when it answers', async (_what, trouble) => {
    let isAway = true;
    const address = await startTemporalProxy((method) =>
      isAway && method.includes('SignalWithStart') ? trouble : null,
    );
    const connection = await NativeConnection.connect({ address });
    onTestFinished(() => connection.close());
    const { url } = await receive('west', connection);

    const refused = await fetch(`${url}/${SECRET}?call_id=C`);
    isAway = false;
    const taken = await fetch(`${url}/${SECRET}?call_id=C`);

    expect([refused.status, taken.status]).toEqual([503, 202]);
    expect(refused.headers.get('retry-after')).toBe('10');
  });
});

describe('the warnings about webhooks', () => {
  const credira = sampleCrediraAccount({ baseUrl: 'http://127.0.0.1:1', apiKey: 'k' });
  const reachable = expect.stringMatching(/^CALLWEAVE_WEBHOOK_ADDRESS is 0\.0\.0\.0:8090, .* TLS/) as string;
  const noSecret = expect.stringMatching(/no account takes webhooks: set INVOCA_WEBHOOK_SECRET/) as string;

  it.each([
    [null, [credira], []],
    ['127.0.0.1:8090', [credira, ACCOUNT], []],
    ['[::1]:8090', [ACCOUNT], []],
    ['0.0.0.0:8090', [ACCOUNT], [reachable]],
    ['0.0.0.0:8090', [credira, { ...ACCOUNT, webhookSecret: null }], [reachable, noSecret]],
  ])('at the address %s (case %#) are those that apply', (webhookAddress, accounts, warnings) => {
    expect(webhookWarnings({ webhookAddress, accounts })).toEqual(warnings);
  });
});
