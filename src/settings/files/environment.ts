import { lstatSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'dotenv';
import { UsageError } from '../errors.js';
import { nonBlank, type Environment } from '../read-group.js';
import { readTextFile, UnreadableText } from './text-file.js';

/**
 * Returns the environment of this process, after adding the variables of `.env` in `cwd` that are unset or blank. This
 * is the only place that changes `process.env`, so Temporal's envconfig and child processes see the same.
 * @throws UsageError if there is a `.env` that cannot be read
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
