import { expect, it } from 'vitest';
import { nodeOnTerminal } from '../../support/program.js';

const interrupt = new URL('../../../dist/commands/kit/interrupt.js', import.meta.url).href;

/** Shows a spinner until it is interrupted, ends after a while, and exits with 7. */
const PROGRAM = `
import ora from 'ora';
import { setTimeout as sleep } from 'node:timers/promises';
import { withInterrupt } from '${interrupt}';
await withInterrupt(async (signal) => {
  const spinner = ora({ text: 'working', discardStdin: false }).start();
  await new Promise((resolve) => signal.addEventListener('abort', resolve));
  await sleep(200);
  spinner.stop();
  console.log('ended cleanly');
});
process.exitCode = 7;
`;

it('ends cleanly at Ctrl-C while a spinner turns', async () => {
  const program = nodeOnTerminal(['--input-type=module', '--eval', PROGRAM], { cwd: process.cwd(), columns: 80 });
  await expect.poll(program.shown, { timeout: 20_000 }).toContain('working');

  expect(await program.type('\u0003'), program.shown()).toBe(7);
  expect(program.shown()).toContain('ended cleanly');
});
