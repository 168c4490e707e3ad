import { spawnSync } from 'node:child_process';
import { closeSync, mkdirSync, mkdtempSync, openSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

const typescript = fileURLToPath(new URL('./support/typescript.mjs', import.meta.url));
const cli = fileURLToPath(new URL('../src/cli.ts', import.meta.url));

let cwd = '';
beforeEach(() => {
  cwd = mkdtempSync(join(tmpdir(), 'callweave-cli-'));
});
afterEach(() => {
  rmSync(cwd, { recursive: true });
});

/** Runs the program with only the given environment, so that it ignores the servers of the test run. */
function callweave(args: readonly string[], env: Record<string, string> = {}) {
  const path = process.env['PATH'] ?? '';
  return execa('node', ['--import', typescript, cli, ...args], {
    cwd,
    env: { PATH: path, ...env },
    extendEnv: false,
    reject: false,
  });
}

describe('the program callweave', () => {
  it('reads the settings of a file .env; those of the environment win', async () => {
    writeFileSync(join(cwd, '.env'), 'MONGODB_URI=from-the-file\nCALLWEAVE_LOG_LEVEL=from-the-file\n');

    const run = await callweave(['call', 'show', 'x'], { CALLWEAVE_LOG_LEVEL: 'from-the-environment' });

    expect(run).toMatchObject({ exitCode: 2, stdout: '' });
    expect(run.stderr).toContain('error: 2 settings are wrong or missing:');
    expect(run.stderr).toContain('(it is "from-the-environment")');
    expect(run.stderr).toContain('MONGODB_URI must be a MongoDB connection string');
  });

  it('names a file .env that it cannot read, and the reason', async () => {
    mkdirSync(join(cwd, '.env'));

    expect(await callweave(['call', 'show', 'x'])).toMatchObject({
      exitCode: 2,
      stdout: '',
      stderr: `error: cannot read the settings in ${join(cwd, '.env')} (EISDIR: it is a folder)`,
    });
  });

  it('redacts secrets in what libraries write to stderr, and in an uncaught error', async () => {
    const main = new URL('../src/commands/main.ts', import.meta.url).href;
    const script = `
      const { runMain } = await import('${main}');
      const secret = process.env.CREDIRA_API_KEY;
      await runMain(['call', 'show', 'x']);
      console.warn('retrying with ' + secret);
      throw Object.assign(new Error('Invalid header ' + secret), { options: { key: secret } });`;
    const { stdout, stderr, exitCode } = await execa('node', ['--import', typescript, '--eval', script], {
      cwd,
      env: { PATH: process.env['PATH'] ?? '', CREDIRA_API_KEY: 'sesame-4711', MONGODB_URI: 'wrong' },
      extendEnv: false,
      reject: false,
    });

    expect(exitCode).toBe(1);
    expect(stderr).toContain('retrying with [redacted]');
    expect(stderr).toContain('Invalid header [redacted]');
    expect(stdout + stderr).not.toContain('4711');
  });

  it('ends with 0 if its output has no reader', async () => {
    const running = callweave(['--help']);
    running.stdout.destroy();

    expect(await running).toMatchObject({ exitCode: 0, stderr: '' });
  });

  it.each(['--help', '--version'])('reports in one line that the result of %s cannot be written', (option) => {
    const full = openSync('/dev/full', 'w');
    const { status, stderr } = spawnSync('node', ['--import', typescript, cli, option], {
      cwd,
      env: { PATH: process.env['PATH'] },
      stdio: ['ignore', full, 'pipe'],
      encoding: 'utf8',
    });
    closeSync(full);

    expect(status).toBe(1);
    expect(stderr).toMatch(/^error: cannot write the result to stdout: ENOSPC.*\n$/);
  });
});
