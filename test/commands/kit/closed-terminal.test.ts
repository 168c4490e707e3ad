import getPort from 'get-port';
import { describe, expect, it } from 'vitest';
import { onTerminal, serverSettings } from '../../support/program.js';
import { useTestNamespace } from '../../support/temporal-namespace.js';
import { temporaryFolder } from '../../support/temporary-folder.js';
import { useTestDatabase } from '../../support/test-database.js';

const temporal = useTestNamespace();
const mongodb = useTestDatabase();

/** Commands with the text each shows while it waits in vain: nothing answers at the address of the API. */
const LASTING: readonly (readonly [shown: string, args: readonly string[]])[] = [
  ['workflows/drain%2Fclosed', ['drain', '--wait']],
  ['workflows/refresh%2Fclosed%2FCALL-1', ['call', 'refresh', 'CALL-1']],
  ['Needs a person', ['status', '--watch']],
];

async function surroundings() {
  const env = {
    ...serverSettings({ namespace: temporal.namespace, database: mongodb.database }),
    INVOCA_BASE_URL: `http://127.0.0.1:${await getPort()}`,
    INVOCA_ID: '33',
    INVOCA_TOKEN: 'not-asked-for',
    INVOCA_ACCOUNT: 'closed',
  };
  return { cwd: await temporaryFolder(), env };
}

async function isRunning(workflowId: string): Promise<boolean> {
  const { status } = await temporal.client.workflow.getHandle(workflowId).describe();
  return status.name === 'RUNNING';
}

describe('a program whose terminal is closed', () => {
  it('ends as after Ctrl-C, and leaves running what it has started', async () => {
    const options = { ...(await surroundings()), columns: 0 };
    const programs = LASTING.map(([shown, args]) => ({ shown, program: onTerminal(args, options) }));
    for (const { shown, program } of programs) await expect.poll(program.shown, { timeout: 20_000 }).toContain(shown);

    const exitCodes = await Promise.all(programs.map(({ program }) => program.closeTerminal()));

    expect(exitCodes).toEqual([0, 0, 0]);
    expect(await isRunning('drain/closed')).toBe(true);
    expect(await isRunning('refresh/closed/CALL-1')).toBe(true);
  });
});
