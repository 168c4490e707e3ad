import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { execa } from 'execa';
import getPort from 'get-port';
import { describe, expect, it } from 'vitest';
import { startInvoca } from '../support/fake-invoca.js';
import { callweave, invocaSettings, serverSettings } from '../support/program.js';
import { useTestNamespace } from '../support/temporal-namespace.js';
import { temporaryFolder } from '../support/temporary-folder.js';
import { useTestDatabase } from '../support/test-database.js';

const temporal = useTestNamespace();
const mongodb = useTestDatabase();

/** Null while nothing answers there. */
async function statusOf(url: string): Promise<number | null> {
  try {
    return (await fetch(url)).status;
  } catch {
    return null;
  }
}

/** Runs the health check of the Docker image. */
async function isHealthy(healthAddress: string): Promise<boolean> {
  const dockerfile = readFileSync(new URL('../../Dockerfile', import.meta.url), 'utf8');
  const [program = '', ...args] = JSON.parse(
    /^HEALTHCHECK .*\\\n *CMD (\[.*\])$/m.exec(dockerfile)?.[1] ?? '[]',
  ) as string[];
  const { exitCode } = await execa(program, args, {
    env: { CALLWEAVE_HEALTH_ADDRESS: healthAddress },
    reject: false,
  });
  expect(exitCode).toBeOneOf([0, 1]);
  return exitCode === 0;
}

describe('the program `callweave worker`', () => {
  it('serves its health until SIGTERM ends it', async () => {
    const healthAddress = `127.0.0.1:${await getPort()}`;
    const worker = callweave(['worker'], {
      cwd: await temporaryFolder(),
      env: {
        ...serverSettings({ namespace: temporal.namespace, database: mongodb.database }),
        ...invocaSettings(await startInvoca(), 'invoca'),
        CALLWEAVE_HEALTH_ADDRESS: healthAddress,
      },
    });

    while ((await statusOf(`http://${healthAddress}/readyz`)) !== 200) await sleep(50);
    expect(await statusOf(`http://${healthAddress}/healthz`)).toBe(200);
    expect(await isHealthy(healthAddress)).toBe(true);
    worker.kill('SIGTERM');

    expect((await worker).exitCode).toBe(0);
    expect(await statusOf(`http://${healthAddress}/healthz`)).toBeNull();
    expect(await isHealthy(healthAddress)).toBe(false);
  });
});
