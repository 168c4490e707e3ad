import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    pool: 'forks',
    unstubEnvs: true,
    // Tests mostly wait for servers. By default only one file would run at a time on two cores.
    maxWorkers: 2,
    globalSetup: ['test/support/global-setup.ts'],
    testTimeout: 30_000,
    hookTimeout: 60_000,
    // A loaded machine may be slow; a poll that succeeds ends at once.
    expect: { poll: { timeout: 20_000 } },
  },
});
