import { defineConfig, mergeConfig } from 'vitest/config';
import config from './vitest.config.js';

/** `npm run record-histories`: rewrites test/workflows/histories. Not part of `npm test`. */
export default mergeConfig(
  { ...config, test: { ...config.test, include: [] } },
  defineConfig({ test: { include: ['test/workflows/**/*.record.ts'], testTimeout: 120_000 } }),
);
