import { defineConfig, mergeConfig } from 'vitest/config';
import config from './vitest.config.js';

/** `npm run test:nodes`: the tests of the installed package, and those that need no server of the run. */
export default mergeConfig(
  { ...config, test: { ...config.test, include: [], globalSetup: [] } },
  defineConfig({
    test: { include: ['test/package/*.package.ts', 'test/{domain,process,settings,sources,sample}/**/*.test.ts'] },
  }),
);
