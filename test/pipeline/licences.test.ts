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
