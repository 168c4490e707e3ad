import { nearestName } from './nearest-name.js';
import { nonBlank } from './read-group.js';
import type { Environment } from './read-group.js';
import { namesOf } from './setting.js';
import {
  CONFIG_FILE_NAME,
  crediraSettings,
  invocaSettings,
  logSettings,
  mongodbSettings,
  workerSettings,
} from './table.js';

const OUR_PREFIXES = /^(INVOCA|CREDIRA|CALLWEAVE|MONGODB)_/;

/**
 * One warning for each name under our prefixes that means nothing to us: a misspelling, or something a platform put
 * there (Kubernetes sets `CALLWEAVE_PORT` for a service named callweave).
 */
export function unknownNameWarnings({ env, usedNames }: { env: Environment; usedNames: readonly string[] }): string[] {
  const groups = [mongodbSettings, invocaSettings, crediraSettings, workerSettings, logSettings];
  const known = [...groups.flatMap(namesOf), CONFIG_FILE_NAME];
  return Object.keys(env)
    .filter((name) => OUR_PREFIXES.test(name) && nonBlank(env[name]) !== undefined)
    .filter((name) => !known.includes(name) && !usedNames.includes(name))
    .sort()
    .map((name) => `${name} is not a setting and is ignored${nearestName(name, known)}`);
}
