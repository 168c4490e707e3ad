/** Files that callweave is deployed with, for the tests of what they say. */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { DockerfileParser, PropertyInstruction } from 'dockerfile-ast';
import { alertSettings } from '../../src/settings/alert-table.js';
import { deploymentSettings } from '../../src/settings/deployment.js';
import { namesOf } from '../../src/settings/setting.js';
import {
  crediraSettings,
  invocaSettings,
  logSettings,
  mongodbSettings,
  workerSettings,
} from '../../src/settings/table.js';
import { temporalSettings } from '../../src/settings/temporal-table.js';

/** Names of the settings that a container may be given. */
export const KNOWN_NAMES: readonly string[] = [
  temporalSettings,
  deploymentSettings,
  mongodbSettings,
  invocaSettings,
  crediraSettings,
  alertSettings,
  workerSettings,
  logSettings,
].flatMap(namesOf);

export function readRoot(name: string): string {
  return readFileSync(fileURLToPath(new URL(`../../${name}`, import.meta.url)), 'utf8');
}

/** Returns the variables that the last stage of the Dockerfile sets by `ENV` or `LABEL`. */
export function imageVariables(keyword: 'ENV' | 'LABEL'): Record<string, string> {
  const instructions = DockerfileParser.parse(readRoot('Dockerfile')).getInstructions();
  const lastStage = instructions.slice(instructions.findLastIndex((one) => one.getKeyword() === 'FROM'));
  const properties = lastStage.flatMap((one) =>
    one instanceof PropertyInstruction && one.getKeyword() === keyword ? one.getProperties() : [],
  );
  return Object.fromEntries(properties.map((property) => [property.getName(), property.getValue() ?? '']));
}

/** Returns the limit of the heap in the image, in MiB. */
export function imageHeapMib(): number {
  return Number(/--max-old-space-size=(\d+)/.exec(imageVariables('ENV')['NODE_OPTIONS'] ?? '')?.[1]);
}
