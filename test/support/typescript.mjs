/**
 * `node --import ./test/support/typescript.mjs some-file.ts` runs a TypeScript file without a build, for tests that
 * start other processes.
 */
import { register } from 'node:module';

register('./typescript-hooks.mjs', import.meta.url);
