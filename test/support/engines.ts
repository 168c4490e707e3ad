import { readFileSync } from 'node:fs';
import { minVersion, satisfies } from 'semver';
import { z } from 'zod';

const enginesSchema = z.looseObject({ node: z.string().optional() });
const lockSchema = z.object({
  packages: z.record(z.string(), z.object({ engines: z.union([enginesSchema, z.array(z.string())]).optional() })),
});

/** Returns the oldest version of Node.js that package.json allows: the floor. */
function oldestNode(): string {
  const text = readFileSync(new URL('../../package.json', import.meta.url), 'utf8');
  const { engines } = z.object({ engines: z.object({ node: z.string() }) }).parse(JSON.parse(text));
  return minVersion(engines.node)?.version ?? '';
}

/** Returns the packages of a lock file that refuse the floor, as `<path>: <what they need>`. */
export function enginesWithout(lockFile: string): string[] {
  const floor = oldestNode();
  const { packages } = lockSchema.parse(JSON.parse(lockFile));
  return Object.entries(packages).flatMap(([path, { engines }]) => {
    // npm ignores the old form, which is a list.
    const node = Array.isArray(engines) ? undefined : engines?.node;
    return node === undefined || satisfies(floor, node) ? [] : [`${path}: ${node}`];
  });
}
