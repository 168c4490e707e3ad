import { Option } from 'commander';

/** Makes the factory of an option that has the same meaning, and so the same text, in every command that takes it. */
function shared(flags: string, description: string): () => Option {
  return () => new Option(flags, description);
}

export const accountOption = shared(
  '--account <name>',
  'account to use (default: the only one that this command can use)',
);
/** The account option of commands that cover all accounts if none is named. */
export const onlyAccountOption = shared('--account <name>', 'only this account (default: all accounts)');
export const fromOption = shared('--from <day>', 'first day, as YYYY-MM-DD in the account’s time zone');
export const toOption = shared('--to <day>', 'last day, included; today at the latest');
export const waitOption = shared(
  '--wait',
  'show the progress and print the result at the end; Ctrl-C stops the waiting, not the run',
);
export const dryRunOption = shared('--dry-run', 'show what would be done, but do not do it');
export const yesOption = shared('--yes', 'do not ask for confirmation');
export const reasonOption = shared('--reason <text>', 'reason, stored with the move');
export const noteOption = shared('--note <text>', 'note, shown with the schedule');
export const jsonOption = shared('--json', 'print the result as JSON');
