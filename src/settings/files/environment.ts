import { lstatSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'dotenv';
import { UsageError } from '../errors.js';
import { nonBlank, type Environment } from '../read-group.js';
import { readTextFile, UnreadableText } from './text-file.js';

/**
 * The environment of this process, after adding to it what a file `.env` in `cwd` says and the environment does not (a
 * blank variable says nothing). Temporal's envconfig and child processes see the same. The one place that changes
 * `process.env`.
 *
 * @throws UsageError where there is a `.env` that cannot be read
 */
export function readEnvironment({ cwd }: { cwd: string }): Environment {
  const path = join(cwd, '.env');
  for (const [name, text] of Object.entries(parse(readDotEnv(path)))) {
    if (nonBlank(process.env[name]) === undefined) process.env[name] = text;
  }
  return process.env;
}

function readDotEnv(path: string): string {
  if (lstatSync(path, { throwIfNoEntry: false }) === undefined) return '';
  try {
    return readTextFile(path);
  } catch (error) {
    if (!(error instanceof UnreadableText)) throw error;
    throw new UsageError(`cannot read the settings in ${path} (${error.message})`);
  }
}
