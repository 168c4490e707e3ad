import { PassThrough } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { confirm } from '../../../src/commands/kit/confirm.js';
import { readAll } from '../../support/read-all.js';

/** Answers the question by these keys; returns the decision and what the terminal shows. */
async function answered(keys: string) {
  const input = Object.assign(new PassThrough(), { isTTY: true });
  const output = Object.assign(new PassThrough(), { isTTY: true });
  const asked = confirm({ what: '3 calls will be erased for good', isConfirmed: false, input, output });
  input.write(keys);
  return { isConfirmed: await asked, shown: readAll(output) };
}

describe('a question at the terminal', () => {
  it.each(['y\r', 'Yes\r', ' y \r'])('is confirmed by %j', async (keys) => {
    expect((await answered(keys)).isConfirmed).toBe(true);
  });

  it.each(['\r', 'n\r', 'yess\r'])('is declined by %j', async (keys) => {
    expect((await answered(keys)).isConfirmed).toBe(false);
  });

  it.each(['\u0003', 'y\u0003', '\u0004'])('is declined by Ctrl-C or Ctrl-D (%j), and its line ends', async (keys) => {
    const { isConfirmed, shown } = await answered(keys);

    expect(isConfirmed).toBe(false);
    expect(shown).toMatch(/3 calls will be erased for good\. Continue\? \(y\/N\) .*\n$/s);
  });

  it('is not asked without a terminal', async () => {
    await expect(confirm({ what: 'x', isConfirmed: false, input: new PassThrough() })).rejects.toThrow('--yes');
  });
});
