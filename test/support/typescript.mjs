/**
 * `node --import ./test/support/typescript.mjs some-file.ts` runs a TypeScript file with the sources as they are, for tests
 * that need a process of their own.
 */
import { register } from 'node:module';

register('./typescript-hooks.mjs', import.meta.url);
