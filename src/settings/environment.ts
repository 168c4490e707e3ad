import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Environment } from './read-group.js';

/**
 * The environment of this process, after adding to it what a file `.env` in `cwd` says and the environment does not.
 * Temporal's envconfig and child processes see the same. The one place that reads `process.env`.
 */
export function readEnvironment({ cwd }: { cwd: string }): Environment {
  const path = join(cwd, '.env');
  if (existsSync(path)) process.loadEnvFile(path);
  return process.env;
}
