import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { isProcessAlive } from '../process/process-alive.js';
import { nonBlank, type Environment } from './read-group.js';
import { loadSettings } from './settings.js';

/** A running `callweave dev` and the addresses of its servers. */
const DevInstance = z.object({
  pid: z.int().positive(),
  temporalAddress: z.string(),
  mongodbUri: z.string(),
  mongodbDatabase: z.string(),
  /** The URL of the Web UI; null if it is unknown. */
  webUrl: z.string().nullable(),
  sample: z
    .object({
      baseUrl: z.string(),
      token: z.string(),
      networkId: z.string(),
      credira: z.object({ baseUrl: z.string(), apiKey: z.string() }),
    })
    .nullable(),
});

export type DevInstance = Readonly<z.output<typeof DevInstance>>;

const FILE_NAME = 'dev.json';

/** Returns the instance that runs on this data folder; null if there is none or its process has died. */
export function readDevInstance({ dataDir }: { dataDir: string }): DevInstance | null {
  const instance = readInstanceFile(dataDir);
  return instance !== null && isProcessAlive(instance.pid) ? instance : null;
}

/** True if an instance on this data folder died without removing its file. */
export function hasDevInstanceDied({ dataDir }: { dataDir: string }): boolean {
  const instance = readInstanceFile(dataDir);
  return instance !== null && !isProcessAlive(instance.pid);
}

/** Returns null if there is no file or it cannot be read. */
function readInstanceFile(dataDir: string): DevInstance | null {
  try {
    return DevInstance.parse(JSON.parse(readFileSync(join(dataDir, FILE_NAME), 'utf8')));
  } catch {
    return null;
  }
}

/**
 * Returns the running instance whose servers a command should use. Null if none runs, or if the environment names
 * another Temporal or MongoDB: a command never mixes the servers of two installations.
 */
export function fittingDevInstance({ env, dataDir }: { env: Environment; dataDir: string }): DevInstance | null {
  const instance = readDevInstance({ dataDir });
  if (instance === null) return null;
  const isOther = (name: string, own?: string): boolean => ![undefined, own].includes(nonBlank(env[name]));
  const namesOthers =
    isOther('TEMPORAL_ADDRESS', instance.temporalAddress) ||
    namesTemporalConfig(env) ||
    isOther('MONGODB_URI', instance.mongodbUri) ||
    isOther('MONGODB_URI_FILE');
  return namesOthers ? null : instance;
}

/** True if the environment names a temporal.toml, or a profile of it other than `default`: it may name an address. */
function namesTemporalConfig(env: Environment): boolean {
  const profile = nonBlank(env['TEMPORAL_PROFILE']);
  return (profile !== undefined && profile !== 'default') || nonBlank(env['TEMPORAL_CONFIG_FILE']) !== undefined;
}

/** True if the environment names a Temporal, so that callweave need not start one. */
export function isTemporalGiven(env: Environment): boolean {
  return nonBlank(env['TEMPORAL_ADDRESS']) !== undefined || namesTemporalConfig(env);
}

/** Returns the servers that the environment names, which callweave need not start. @throws SettingsError */
export function givenServers(env: Environment): { temporal: boolean; mongodbUri: string | null } {
  const isSet = (name: string): boolean => nonBlank(env[name]) !== undefined;
  const isMongodbSet = isSet('MONGODB_URI') || isSet('MONGODB_URI_FILE');
  return {
    temporal: isTemporalGiven(env),
    mongodbUri: isMongodbSet ? loadSettings({ env, needs: ['mongodb'] }).mongodb.uri : null,
  };
}

/** Writes the instance's file, readable by its user only. Readers see the whole file or none. */
export function writeDevInstance({ dataDir, instance }: { dataDir: string; instance: DevInstance }): void {
  const path = join(dataDir, FILE_NAME);
  mkdirSync(dataDir, { recursive: true });
  writeFileSync(`${path}.${instance.pid}`, `${JSON.stringify(instance, null, 2)}\n`, { mode: 0o600 });
  renameSync(`${path}.${instance.pid}`, path);
}

export function removeDevInstance({ dataDir }: { dataDir: string }): void {
  rmSync(join(dataDir, FILE_NAME), { force: true });
}
