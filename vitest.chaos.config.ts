import { defineConfig, mergeConfig } from 'vitest/config';
import config from './vitest.config.js';

/** `npm run test:chaos`: the long form of test/chaos; prints a table. The short form is part of `npm test`. */
export default mergeConfig(
  { ...config, test: { ...config.test, include: [] } },
  defineConfig({ test: { include: ['test/chaos/*.chaos.ts'] } }),
);
