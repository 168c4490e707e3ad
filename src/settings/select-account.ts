import { UsageError } from './errors.js';

/**
 * The account a command is about. `name` may be undefined when only one account fits; an unknown name, and no name
 * where several fit, are a UsageError that lists those there are.
 */
export function selectAccount<Account extends { readonly name: string }>({
  accounts,
  name,
}: {
  accounts: readonly Account[];
  name: string | undefined;
}): Account {
  const known = accounts.map((account) => account.name).join(', ');
  if (accounts.length === 0) {
    throw new UsageError(
      'no account fits: set INVOCA_BASE_URL, INVOCA_ID and INVOCA_TOKEN, or start `npm start` first',
    );
  }
  if (name === undefined) {
    const [only, ...others] = accounts;
    if (only !== undefined && others.length === 0) return only;
    throw new UsageError(`which account is meant? Say --account with one of: ${known}`);
  }
  const account = accounts.find((candidate) => candidate.name === name);
  if (account === undefined) throw new UsageError(`no account that fits is named "${name}"; those that fit: ${known}`);
  return account;
}
