import { describe, expect, expectTypeOf, it } from 'vitest';
import type { Account, CrediraAccount, InvocaAccount } from '../../src/settings/accounts.js';
import { UsageError } from '../../src/settings/errors.js';
import { sampleAccount, sampleCrediraAccount } from '../../src/settings/sample-account.js';
import { hasIntake, selectAccount } from '../../src/settings/select-account.js';

const invoca = sampleAccount({ baseUrl: 'http://127.0.0.1:1', token: 't', networkId: '1' });
const east = { ...invoca, name: 'east' };
const west = { ...invoca, name: 'west' };
const loans = sampleCrediraAccount({ baseUrl: 'http://127.0.0.1:2/v1', apiKey: 'k' });

describe('selectAccount', () => {
  it('finds an account of any source by its name', () => {
    expect(selectAccount({ accounts: [east, west, loans], name: 'west' })).toBe(west);
    expect(selectAccount({ accounts: [east, west, loans], name: 'sample-credira' })).toBe(loans);
  });

  it('needs no name if only one account fits', () => {
    const accounts: Account[] = [east, loans];
    const feed = selectAccount({ accounts, name: undefined, intake: 'feed' });
    const invoices = selectAccount({ accounts, name: undefined, intake: 'invoices' });

    expect([feed, invoices]).toEqual([east, loans]);
    expectTypeOf(feed).toEqualTypeOf<InvocaAccount>();
    expectTypeOf(invoices).toEqualTypeOf<CrediraAccount>();
    expect(selectAccount({ accounts: [loans], name: undefined })).toBe(loans);
  });

  it.each([
    [[east, west], undefined, undefined, 'several accounts fit: choose one with --account: east, west'],
    [[east, loans], undefined, undefined, 'several accounts fit: choose one with --account: east, sample-credira'],
    [[east, west, loans], undefined, 'feed', 'several accounts fit: choose one with --account: east, west'],
    [[east, west], 'north', undefined, 'no suitable account is named "north": choose one of east, west'],
    [[east, loans], 'sample-credira', 'feed', 'no suitable account is named "sample-credira": choose one of east'],
    [[east, loans], 'east', 'invoices', 'no suitable account is named "east": choose one of sample-credira'],
    [[], undefined, undefined, 'set INVOCA_BASE_URL, INVOCA_ID and INVOCA_TOKEN, or CREDIRA_API_KEY, or run'],
    [
      [],
      'east',
      'feed',
      'no suitable account is set: set INVOCA_BASE_URL, INVOCA_ID and INVOCA_TOKEN, or run `callweave dev` first',
    ],
    [[loans], 'sample-credira', 'feed', /^no suitable account is set: set INVOCA_BASE_URL/],
    [[east], 'east', 'invoices', 'no suitable account is set: set CREDIRA_API_KEY, or run `callweave dev` first'],
  ] as const)('is a usage error, case %#: %j', (accounts, name, intake, message) => {
    const select = () => selectAccount({ accounts, name, ...(intake && { intake }) });
    expect(select).toThrow(UsageError);
    expect(select).toThrow(message);
  });
});

describe('hasIntake', () => {
  it('distinguishes a feed from invoices', () => {
    const intakes = ['feed', 'invoices', undefined] as const;
    expect(intakes.map((intake) => hasIntake(east, intake))).toEqual([true, false, true]);
    expect(intakes.map((intake) => hasIntake(loans, intake))).toEqual([false, true, true]);
  });
});
