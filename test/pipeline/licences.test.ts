import { readFileSync } from 'node:fs';
import satisfies from 'spdx-satisfies';
import { describe, expect, it } from 'vitest';
import { dependencies } from '../../scripts/docs/licences.js';

/** Licences under which a package may be part of a program that is under MIT. All ask for a notice at most. */
const ACCEPTED = [
  '0BSD',
  'Apache-2.0',
  'BlueOak-1.0.0',
  'BSD-2-Clause',
  'BSD-3-Clause',
  'CC-BY-4.0',
  'CC0-1.0',
  'ISC',
  'MIT',
  'Unlicense',
];

function isAccepted(licence: string): boolean {
  return satisfies(licence, ACCEPTED);
}

describe('the licence of a dependency', () => {
  it('is compatible with MIT', () => {
    const found = dependencies();

    expect(found.length).toBeGreaterThan(200);
    expect(found.map(({ name }) => name)).toEqual(expect.arrayContaining(['@temporalio/worker', 'mongodb', 'pino']));
    expect(found.filter(({ licence }) => licence === null || !isAccepted(licence))).toEqual([]);
  });

  it('is not accepted if it asks for more than a notice', () => {
    expect(isAccepted('GPL-3.0-only OR MIT')).toBe(true);
    for (const licence of ['GPL-3.0-only', 'AGPL-3.0-or-later', 'MIT AND LGPL-2.1-only', 'SSPL-1.0', 'BUSL-1.1']) {
      expect(isAccepted(licence), licence).toBe(false);
    }
  });

  it('is not counted if the package is for development only', () => {
    expect(dependencies().map(({ name }) => name)).not.toContain('vitest');
  });
});

describe('the licences beside the workflow bundle', () => {
  const readBuilt = (file: string) => readFileSync(new URL(`../../dist/${file}`, import.meta.url), 'utf8');
  // The line before the code of a module names its file, as "./node_modules/@temporalio/common/lib/time.js".
  const MODULE = /^\/\*{3}\/ "[^"]*node_modules\/((?:@[^/"]+\/)?[^/"]+)\/[^"]+"$/gm;

  it('have the text of each package with code in the bundle, and of no other', () => {
    const bundled = new Set([...readBuilt('workflow-bundle.js').matchAll(MODULE)].map(([, name]) => name));
    const [, ...sections] = readBuilt('workflow-bundle.LICENCES.txt').split(/^={100}\n/m);
    const texts = new Map(sections.map((section) => [section.split(' ')[0], section]));

    expect([...bundled]).toEqual(expect.arrayContaining(['@temporalio/workflow', '@temporalio/common']));
    expect([...texts.keys()].toSorted()).toEqual([...bundled].toSorted());
    for (const text of texts.values()) expect(text).toMatch(/^\S+ \d+\.\S+\n\n.*(copyright|licen[cs]e)/is);
  });
});
