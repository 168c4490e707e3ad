import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { aCompletedCall } from '../support/fake-credira.js';
import { startInvoiceWorld, type InvoiceWorld } from '../support/invoice-world.js';
import { callweave, serverSettings } from '../support/program.js';
import { useTestNamespace } from '../support/temporal-namespace.js';
import { temporaryFolder } from '../support/temporary-folder.js';
import { useTestDatabase } from '../support/test-database.js';

const servers = { temporal: useTestNamespace(), mongodb: useTestDatabase() };

async function commandOf({ account, credira }: InvoiceWorld, more: Record<string, string> = {}) {
  const cwd = await temporaryFolder();
  const env = {
    ...serverSettings({ namespace: servers.temporal.namespace, database: servers.mongodb.database }),
    CREDIRA_ACCOUNT: account,
    CREDIRA_BASE_URL: credira.baseUrl,
    CREDIRA_API_KEY: credira.apiKey,
    ...more,
  };
  return { cwd, run: (...args: string[]) => callweave(args, { cwd, env }) };
}

describe('callweave invoices', { timeout: 90_000 }, () => {
  it('ends with 3 the third time that an invoice states another number of calls, and lists it', async () => {
    const invoice = { invoiceId: 'inv_1', calls: [aCompletedCall('call_1')], statedTotal: () => 2 };
    const world = await startInvoiceWorld({ servers, invoices: [invoice] });
    const { run } = await commandOf(world);

    for (const exitCode of [0, 0]) expect(await run('invoices', 'sync', 'inv_1', '--wait')).toMatchObject({ exitCode });
    const third = await run('invoices', 'sync', 'inv_1', '--wait');

    expect(third, third.stderr).toMatchObject({ exitCode: 3 });
    expect(third.stdout).toContain('1 incomplete');
    expect(third.stderr).toContain(`incomplete at ${world.account}: inv_1`);
    const listed = await run('invoices', 'list', '--outcome', 'incomplete', '--json');
    expect(JSON.parse(listed.stdout)).toMatchObject([
      { invoiceId: 'inv_1', outcome: 'incomplete', calls: 1, reason: 'the source states 2 calls and sent 1' },
    ]);
    const status = await run('status', '--json');
    expect(JSON.parse(status.stdout)).toMatchObject({
      attention: expect.arrayContaining([
        expect.objectContaining({ account: world.account, code: 'invoices-incomplete' }),
      ]) as unknown,
    });
  });

  it('starts nothing for a file without ids', async () => {
    const world = await startInvoiceWorld({ servers, invoices: [] });
    await world.track(['inv_1']);
    const { cwd, run } = await commandOf(world);
    await writeFile(join(cwd, 'ids.txt'), '\n  \n');

    const synced = await run('invoices', 'sync', '--file', 'ids.txt', '--wait');

    expect(synced).toMatchObject({ exitCode: 2, stdout: '' });
    expect(synced.stderr).toContain('ids.txt has no invoice id');
    expect(world.credira.requests).toEqual([]);
  });
});

describe('callweave transcripts --retry', { timeout: 60_000 }, () => {
  it('changes nothing if Temporal cannot be reached', async () => {
    const world = await startInvoiceWorld({
      servers,
      invoices: [{ invoiceId: 'inv_1', calls: [aCompletedCall('call_1')] }],
    });
    await world.track(['inv_1']);
    await (await world.startInvoices()).result();
    const calls = servers.mongodb.db.collection('calls');
    await calls.updateOne({ account: world.account }, { $set: { 'transcript.status': 'expired' } });
    const { run } = await commandOf(world, { TEMPORAL_ADDRESS: '127.0.0.1:1' });

    const retried = await run('transcripts', '--retry', 'expired');

    expect(retried).toMatchObject({ exitCode: 1, stdout: '' });
    expect(retried.stderr).not.toContain('pending again');
    expect(await calls.findOne({ account: world.account })).toMatchObject({ transcript: { status: 'expired' } });
  });
});
