import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    pool: 'forks',
    // Files share the modules of their process. Loading the SDK for each file would cost a sixth of the whole time.
    isolate: false,
    unstubEnvs: true,
    // Tests mostly wait for servers. By default only one file would run at a time on two cores.
    maxWorkers: 2,
    setupFiles: ['test/support/forget-secrets.ts'],
    globalSetup: ['test/support/global-setup.ts'],
    testTimeout: 30_000,
    hookTimeout: 60_000,
    // A loaded machine may be slow; a poll that succeeds ends at once.
    expect: { poll: { timeout: 20_000 } },
  },
});
