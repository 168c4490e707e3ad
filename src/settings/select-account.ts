import { SOURCES, type Source } from '../domain/call.js';
import type { Account } from './accounts.js';
import { UsageError } from './errors.js';
import { requiredNamesOf } from './table.js';

/** What brings an account's calls in: a feed with a cursor, or invoices that are asked about. */
const INTAKE = { invoca: 'feed', credira: 'invoices' } as const satisfies Record<Source, string>;
type Intake = (typeof INTAKE)[Source];

/** An account of the sources whose calls come in that way. */
type AccountBy<By extends Intake> = Extract<
  Account,
  { readonly source: { [Each in Source]: (typeof INTAKE)[Each] extends By ? Each : never }[Source] }
>;

interface Wanted<By extends Intake> {
  readonly accounts: readonly Account[];
  /** As the user says it; may be undefined if only one account fits. */
  readonly name: string | undefined;
  /** What the account must have to fit; any account fits if it is left out. */
  readonly intake?: By;
}

/**
 * Selects the account a command is about.
 * @throws UsageError that lists the accounts that fit, for an unknown name, and for no name where several fit
 */
export function selectAccount<By extends Intake = Intake>({ accounts, name, intake }: Wanted<By>): AccountBy<By> {
  const fitting = accounts.filter((account) => hasIntake(account, intake));
  const known = fitting.map((account) => account.name).join(', ');
  const [only, ...others] = fitting;
  if (only === undefined) {
    const sources = SOURCES.filter((source) => intake === undefined || INTAKE[source] === intake);
    throw new UsageError(`no account fits: set ${requiredNamesOf(sources)}, or start \`npm start\` first`);
  }
  if (name === undefined) {
    if (others.length === 0) return only;
    throw new UsageError(`which account is meant? Say --account with one of: ${known}`);
  }
  const account = fitting.find((candidate) => candidate.name === name);
  if (account === undefined) throw new UsageError(`no account that fits is named "${name}"; those that fit: ${known}`);
  return account;
}

/** Whether the account's calls come in that way; true if no way is named. */
export function hasIntake<By extends Intake>(account: Account, intake: By | undefined): account is AccountBy<By> {
  return intake === undefined || INTAKE[account.source] === intake;
}
