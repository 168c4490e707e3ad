import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';

/** A package that callweave needs to run, with its licence as an SPDX expression; null if it states none. */
export interface Dependency {
  readonly name: string;
  readonly version: string;
  readonly licence: string | null;
}

/** Licences of packages whose package.json states none, read from the file LICENSE of exactly this version. */
const READ_BY_HAND: Readonly<Record<string, string>> = { 'unionfs@4.6.0': 'Unlicense' };

const LockFile = z.object({
  packages: z.record(
    z.string(),
    z.object({
      name: z.string().optional(),
      version: z.string().optional(),
      license: z.string().optional(),
      dev: z.boolean().default(false),
    }),
  ),
});

/** Returns the packages of package-lock.json that are not for development only, for all platforms, by name. */
export function dependencies(): Dependency[] {
  const file = fileURLToPath(new URL('../../package-lock.json', import.meta.url));
  const { packages } = LockFile.parse(JSON.parse(readFileSync(file, 'utf8')));
  const found = Object.entries(packages)
    .filter(([path, { dev }]) => path !== '' && !dev)
    .map(([path, { name = nameIn(path), version = '', license }]): [string, Dependency] => {
      const licence = license ?? READ_BY_HAND[`${name}@${version}`] ?? null;
      return [`${name} ${version}`, { name, version, licence }];
    });
  // A package may be installed in several folders.
  return [...new Map(found).values()].sort((a, b) => compare(a.name, b.name) || compare(a.version, b.version));
}

/** Returns the name in `node_modules/a/node_modules/@scope/name`. */
function nameIn(path: string): string {
  return path.split('node_modules/').at(-1) ?? path;
}

/** Compares by code points, which is the same on every machine. */
function compare(a: string, b: string): number {
  return a < b ? -1 : Number(a > b);
}

/** Returns the dependencies as a Markdown table. */
export function licencesTable(): string {
  const rows = dependencies().map(({ name, version, licence }) => `| ${name} | ${version} | ${licence ?? 'none'} |`);
  return ['| package | version | licence |', '| --- | --- | --- |', ...rows].join('\n');
}
