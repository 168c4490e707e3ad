import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { enginesWithout } from './support/engines.js';

describe('the packages of the lock file', () => {
  it('run on the oldest Node.js that package.json allows, those for development too', async () => {
    const lockFile = await readFile(new URL('../package-lock.json', import.meta.url), 'utf8');

    expect(enginesWithout(lockFile)).toEqual([]);
    // It would say so if one did not.
    expect(enginesWithout('{"packages":{"new":{"engines":{"node":">=22"}}}}')).toEqual(['new: >=22']);
  });
});
