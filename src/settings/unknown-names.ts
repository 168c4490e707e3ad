import { closestMatch } from 'leven';
import { SOURCES } from '../domain/call.js';
import { alertSettings } from './alert-table.js';
import { nonBlank, type Environment } from './read-group.js';
import { namesOf } from './setting.js';
import { ACCOUNT_SETTINGS, CONFIG_FILE_NAME, logSettings, mongodbSettings, workerSettings } from './table.js';

const OUR_PREFIXES = [...SOURCES.map((source) => source.toUpperCase()), 'CALLWEAVE', 'MONGODB'];

/**
 * Warns of each variable that has one of our prefixes and is not a setting: a misspelling, or a variable of the
 * platform (Kubernetes sets `CALLWEAVE_PORT` for a service named callweave).
 */
export function unknownNameWarnings({ env, usedNames }: { env: Environment; usedNames: readonly string[] }): string[] {
  const groups = [
    mongodbSettings,
    workerSettings,
    logSettings,
    alertSettings,
    ...Object.values(ACCOUNT_SETTINGS).map(({ settings }) => settings),
  ];
  const known = [...groups.flatMap(namesOf), CONFIG_FILE_NAME];
  return Object.keys(env)
    .filter((name) => OUR_PREFIXES.some((prefix) => name.startsWith(`${prefix}_`)) && nonBlank(env[name]) !== undefined)
    .filter((name) => !known.includes(name) && !usedNames.includes(name))
    .sort()
    .map((name) => `${name} is not a setting and is ignored${nearestName(name, known)}`);
}

/** Returns the end of a message about an unknown name: ` (the nearest is NAME)`. */
export function nearestName(name: string, known: readonly string[]): string {
  const nearest = closestMatch(name, known);
  return nearest === undefined ? '' : ` (the nearest is ${nearest})`;
}
