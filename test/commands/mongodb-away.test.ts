import { afterEach, expect, inject, it, vi } from 'vitest';
import { runCommandLine } from '../support/run-cli.js';

const DAYS = ['--from', '2025-03-01', '--to', '2025-03-02'];

afterEach(() => {
  vi.unstubAllEnvs();
});

it.each([
  ['status'],
  ['dev', '--once'],
  ['call', 'show', 'any'],
  ['call', 'refresh', 'any'],
  ['rejects', 'list'],
  ['rejects', 'replay'],
  ['cursor', 'show'],
  ['coverage', ...DAYS],
  ['verify', ...DAYS],
  ['backfill', ...DAYS, '--dry-run'],
  ['transcripts', '--retry', 'off'],
  ['export'],
  ['erase', '--call', 'any'],
])('%s %s names MONGODB_URI while MongoDB is away', async (...argv) => {
  const env = {
    // This fails at once, without a timeout.
    MONGODB_URI: 'mongodb://127.0.0.1:1/?tls=true&tlsCAFile=/no/such/file.pem',
    INVOCA_BASE_URL: 'http://127.0.0.1:1',
    INVOCA_ID: '1',
    INVOCA_TOKEN: 'not-asked-for',
    INVOCA_TIME_ZONE: 'UTC',
    TEMPORAL_ADDRESS: inject('temporalAddress'),
  };
  // The SDK reads the address of Temporal from the environment of the process.
  vi.stubEnv('TEMPORAL_ADDRESS', env.TEMPORAL_ADDRESS);
  const run = await runCommandLine({ argv, env });

  expect(run).toMatchObject({ exitCode: 1, stdout: '' });
  expect(run.stderr).toContain('error: cannot use MongoDB: check MONGODB_URI');
  expect(run.stderr).toContain('connecting to 127.0.0.1:1');
});
