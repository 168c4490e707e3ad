import { readdir } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { Client } from '@temporalio/client';
import { defineSearchAttributeKey, SearchAttributeType } from '@temporalio/common';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { startEmbeddedTemporal, type EmbeddedTemporal } from '../../src/embedded/temporal.js';
import { putOnPath } from '../support/on-path.js';
import { isAlive } from '../support/processes.js';
import { connectTemporal } from '../support/temporal-connection.js';
import { oddlyNamedFolder, temporaryFolder } from '../support/temporary-folder.js';

const CALLWEAVE_ACCOUNT = defineSearchAttributeKey('CallweaveAccount', SearchAttributeType.KEYWORD);

async function start(dataDir: string | null): Promise<EmbeddedTemporal> {
  const temporal = await startEmbeddedTemporal({ dataDir, say: () => undefined });
  onTestFinished(() => temporal.stop());
  return temporal;
}

async function connect({ address }: EmbeddedTemporal): Promise<Client> {
  const { connection, close } = await connectTemporal(address);
  onTestFinished(close);
  return new Client({ connection });
}

describe('startEmbeddedTemporal', () => {
  it('keeps workflows and their search attributes in its data folder across a restart, whatever it is called', async () => {
    const dataDir = await oddlyNamedFolder();
    const first = await start(dataDir);
    const started = await (
      await connect(first)
    ).workflow.start('kept', {
      workflowId: 'kept',
      taskQueue: 'nobody-listens',
      typedSearchAttributes: [{ key: CALLWEAVE_ACCOUNT, value: 'invoca' }],
    });
    await first.stop();
    expect(isAlive(first.pid)).toBe(false);
    expect(await readdir(dataDir)).toEqual(['logs', 'temporal.db']);
    expect(await readdir(dirname(dataDir))).toEqual([basename(dataDir)]);

    const second = await start(dataDir);
    const found = await (await connect(second)).workflow.getHandle('kept').describe();

    expect(found.runId).toBe(started.firstExecutionRunId);
    expect(found.typedSearchAttributes.get(CALLWEAVE_ACCOUNT)).toBe('invoca');
  });

  it('keeps finished workflows for a week', async () => {
    const client = await connect(await start(null));

    const { config } = await client.workflowService.describeNamespace({ namespace: 'default' });

    expect(Number(config?.workflowExecutionRetentionTtl?.seconds)).toBe(7 * 24 * 3600);
  });

  it('serves the Web UI', async () => {
    const { uiUrl } = await start(null);

    const response = await fetch(uiUrl);

    expect(response.status).toBe(200);
  });

  it('reports a program on PATH that does not run, instead of using another', async () => {
    await putOnPath('temporal', 'echo "wrong architecture" >&2; exit 126');

    await expect(start(null)).rejects.toThrow(
      'Cannot use "temporal" from PATH: "temporal --version" fails (wrong architecture)',
    );
  });

  it('shows the last output of a server that ends instead of starting, and the path of its log', async () => {
    const dataDir = await temporaryFolder();
    await putOnPath(
      'temporal',
      'if [ "$1" = --version ]; then echo "temporal 9"; else echo "cannot open the database"; exit 3; fi',
    );

    await expect(start(dataDir)).rejects.toThrow(
      `The temporal server ended by itself (exit code 3). Its log is ${join(dataDir, 'logs', 'temporal.log')}. ` +
        'Its last output:\ncannot open the database',
    );
  });

  it('leaves its data folder free after a failed start', async () => {
    const dataDir = await temporaryFolder();
    await putOnPath('temporal', 'exit 1');
    await expect(start(dataDir)).rejects.toThrow('Cannot use');
    vi.unstubAllEnvs();

    const temporal = await start(dataDir);

    expect(isAlive(temporal.pid)).toBe(true);
  });
});
