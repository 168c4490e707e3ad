import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { isProcessAlive } from '../process/process-alive.js';
import { nonBlank, type Environment } from './read-group.js';
import { loadSettings } from './settings.js';

/** A running `callweave dev` (`npm start`) and where its servers listen. */
const DevInstance = z.object({
  pid: z.int().positive(),
  temporalAddress: z.string(),
  mongodbUri: z.string(),
  mongodbDatabase: z.string(),
  webUrl: z.string(),
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

/** The instance that runs on this data folder; null where none does, or the one that wrote the file has died. */
export function readDevInstance({ dataDir }: { dataDir: string }): DevInstance | null {
  const instance = readInstanceFile(dataDir);
  return instance !== null && isProcessAlive(instance.pid) ? instance : null;
}

/** Whether an instance on this data folder died without a chance to say so. */
export function hasDevInstanceDied({ dataDir }: { dataDir: string }): boolean {
  const instance = readInstanceFile(dataDir);
  return instance !== null && !isProcessAlive(instance.pid);
}

/** Null where there is no file, or none that can be read. */
function readInstanceFile(dataDir: string): DevInstance | null {
  try {
    return DevInstance.parse(JSON.parse(readFileSync(join(dataDir, FILE_NAME), 'utf8')));
  } catch {
    return null;
  }
}

/**
 * The running instance whose servers a command should use: null where none runs, or where the environment names other
 * servers, since one installation is never mixed from two.
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

/** Whether anything of temporal.toml is asked for, which may name an address. The default profile is no choice. */
function namesTemporalConfig(env: Environment): boolean {
  const profile = nonBlank(env['TEMPORAL_PROFILE']);
  return (profile !== undefined && profile !== 'default') || nonBlank(env['TEMPORAL_CONFIG_FILE']) !== undefined;
}

/** Whether the environment names a Temporal, so that none of our own need be started. */
export function isTemporalGiven(env: Environment): boolean {
  return nonBlank(env['TEMPORAL_ADDRESS']) !== undefined || namesTemporalConfig(env);
}

/** Which servers the environment names, so that none of our own need be started for them. */
export function givenServers(env: Environment): { temporal: boolean; mongodbUri: string | null } {
  const isSet = (name: string): boolean => nonBlank(env[name]) !== undefined;
  const isMongodbSet = isSet('MONGODB_URI') || isSet('MONGODB_URI_FILE');
  return {
    temporal: isTemporalGiven(env),
    mongodbUri: isMongodbSet ? loadSettings({ env, needs: ['mongodb'] }).mongodb.uri : null,
  };
}

/** Readers see the file whole or not at all. */
export function writeDevInstance({ dataDir, instance }: { dataDir: string; instance: DevInstance }): void {
  const path = join(dataDir, FILE_NAME);
  mkdirSync(dataDir, { recursive: true });
  writeFileSync(`${path}.${instance.pid}`, `${JSON.stringify(instance, null, 2)}\n`, { mode: 0o600 });
  renameSync(`${path}.${instance.pid}`, path);
}

export function removeDevInstance({ dataDir }: { dataDir: string }): void {
  rmSync(join(dataDir, FILE_NAME), { force: true });
}
