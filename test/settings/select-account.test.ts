import { describe, expect, it } from 'vitest';
import { UsageError } from '../../src/settings/errors.js';
import { selectAccount } from '../../src/settings/select-account.js';

const east = { name: 'east' };
const west = { name: 'west' };

describe('selectAccount', () => {
  it('finds an account by its name', () => {
    expect(selectAccount({ accounts: [east, west], name: 'west' })).toBe(west);
  });

  it('needs no name where only one account fits', () => {
    expect(selectAccount({ accounts: [east], name: undefined })).toBe(east);
  });

  it.each([
    [[east, west], undefined, 'which account is meant? Say --account with one of: east, west'],
    [[east, west], 'north', 'no account that fits is named "north"; those that fit: east, west'],
    [[east], 'north', 'no account that fits is named "north"; those that fit: east'],
    [[], undefined, /^no account fits: set INVOCA_BASE_URL/],
    [[], 'east', /^no account fits: set INVOCA_BASE_URL/],
  ])('is a usage error for %j and %j', (accounts, name, message) => {
    expect(() => selectAccount({ accounts, name })).toThrow(UsageError);
    expect(() => selectAccount({ accounts, name })).toThrow(message);
  });
});
