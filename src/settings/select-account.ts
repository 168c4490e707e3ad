import { SOURCES, type Source } from '../domain/call.js';
import type { Account } from './accounts.js';
import { UsageError } from './errors.js';
import { requiredNamesOf } from './table.js';

/** The way that each source delivers calls: a feed read with a cursor, or the calls of tracked invoices. */
const INTAKE = { invoca: 'feed', credira: 'invoices' } as const satisfies Record<Source, string>;
type Intake = (typeof INTAKE)[Source];

/** An account of a source with this intake. */
type AccountBy<By extends Intake> = Extract<
  Account,
  { readonly source: { [Each in Source]: (typeof INTAKE)[Each] extends By ? Each : never }[Source] }
>;

interface Wanted<By extends Intake> {
  readonly accounts: readonly Account[];
  /** The name the user gave; may be undefined if only one account fits. */
  readonly name: string | undefined;
  /** The intake that the account must have; any account fits if it is left out. */
  readonly intake?: By;
}

/**
 * Selects the account for a command.
 * @throws UsageError that lists the accounts that fit, if none has the name, or if several fit and no name is given
 */
export function selectAccount<By extends Intake = Intake>({ accounts, name, intake }: Wanted<By>): AccountBy<By> {
  const fitting = accounts.filter((account) => hasIntake(account, intake));
  const known = fitting.map((account) => account.name).join(', ');
  const [only, ...others] = fitting;
  if (only === undefined) {
    const sources = SOURCES.filter((source) => intake === undefined || INTAKE[source] === intake);
    throw new UsageError(`no suitable account is set: set ${requiredNamesOf(sources)}, or run \`callweave dev\` first`);
  }
  if (name === undefined) {
    if (others.length === 0) return only;
    throw new UsageError(`several accounts fit: choose one with --account: ${known}`);
  }
  const account = fitting.find((candidate) => candidate.name === name);
  if (account === undefined) throw new UsageError(`no suitable account is named "${name}": choose one of ${known}`);
  return account;
}

/**
 * Selects the named account of any source; without a name, the only account with a feed, or else the only account.
 * @throws UsageError as {@link selectAccount} does
 */
export function selectFeedFirst({ accounts, name }: Pick<Wanted<Intake>, 'accounts' | 'name'>): Account {
  const isFeedMeant = name === undefined && accounts.some((account) => hasIntake(account, 'feed'));
  return selectAccount({ accounts, name, ...(isFeedMeant && { intake: 'feed' }) });
}

/** True if the account has this intake, or if no intake is given. */
export function hasIntake<By extends Intake>(account: Account, intake: By | undefined): account is AccountBy<By> {
  return intake === undefined || INTAKE[account.source] === intake;
}
