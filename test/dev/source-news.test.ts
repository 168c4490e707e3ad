import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { showSourceNews } from '../../src/dev/source-news.js';
import { hang } from '../../src/sample/faults.js';
import { sampleAccount } from '../../src/settings/sample-account.js';
import { minimalRows, startInvoca } from '../support/fake-invoca.js';
import { useTestDatabase } from '../support/test-database.js';

const mongodb = useTestDatabase();

describe('the news of the sources at the start', () => {
  it('are what is not ok, with what to do, without what only follows from it', async () => {
    const { baseUrl, networkId } = await startInvoca({ rows: minimalRows(1) });
    const account = { ...sampleAccount({ baseUrl, networkId, token: 'a-wrong-token' }), name: 'own' };
    const said: string[] = [];

    const { signal } = new AbortController();
    await showSourceNews({ accounts: [account], store: mongodb.store, signal, say: (line) => said.push(line) });

    expect(said).toEqual([
      expect.stringMatching(/^own: credentials failed: .*401/),
      expect.stringContaining('start it again'),
    ]);
    expect(said.join('\n')).not.toContain('a-wrong-token');
  });

  it('end at once, and show nothing, if the start is interrupted while the source is silent', async () => {
    const invoca = await startInvoca({ rows: minimalRows(1) });
    invoca.plan({ answer: hang() });
    const { baseUrl, networkId, token } = invoca;
    const account = sampleAccount({ baseUrl, networkId, token });
    const said: string[] = [];
    const interrupt = new AbortController();

    const { signal } = interrupt;
    const shown = showSourceNews({ accounts: [account], store: mongodb.store, signal, say: (line) => said.push(line) });
    await expect.poll(() => invoca.requests.length).toBeGreaterThan(0);
    interrupt.abort();

    expect(await Promise.race([shown.then(() => 'ended'), sleep(5_000, 'still waits', { ref: false })])).toBe('ended');
    expect(said).toEqual([]);
  });
});
