import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

const OPENING = `The file workflow-bundle.js beside this one contains code of the packages below, whose licences ask for these texts.
callweave itself is under the licence of its own package.`;

/** Folder of the package that a file belongs to; the last `node_modules` counts, because packages nest. */
const PACKAGE_FOLDER = /^.*[\\/]node_modules[\\/](?:@[^\\/]+[\\/])?[^\\/]+/;
const LICENCE_FILE = /^(?:licen[cs]e|notice|copying)/i;
const RULE = '='.repeat(100);

/**
 * Returns the names, versions and licence texts of the packages that these files belong to. Files outside
 * `node_modules` belong to callweave itself.
 * @throws an error if a package has no licence text, because its code may not be passed on without
 */
export async function licencesOf(files: readonly string[]): Promise<string> {
  const folders = new Set(files.flatMap((file) => PACKAGE_FOLDER.exec(file) ?? []));
  const texts = await Promise.all([...folders].map(licenceOf));
  return [OPENING, ...texts.toSorted()].join(`\n\n${RULE}\n`);
}

async function licenceOf(folder: string): Promise<string> {
  const { name, version } = await readPackage(folder);
  const files = (await readdir(folder)).filter((file) => LICENCE_FILE.test(file)).toSorted();
  if (files.length === 0) {
    throw new Error(
      `Collecting the licences of the workflow bundle: ${name} ${version} has no licence text in ${folder}. Keep its ` +
        'code out of the workflows, or use a release that has one',
    );
  }
  const texts = await Promise.all(files.map((file) => readFile(join(folder, file), 'utf8')));
  return [`${name} ${version}`, ...texts.map((text) => text.trim())].join('\n\n');
}

async function readPackage(folder: string): Promise<{ name: string; version: string }> {
  return JSON.parse(await readFile(join(folder, 'package.json'), 'utf8')) as { name: string; version: string };
}
