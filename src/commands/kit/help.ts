import { Option, type Command } from 'commander';

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

/** Command lines that show how a command is used. ` # ` begins a remark. */
interface Examples {
  /** Lines that only read and end on their own: a test runs them against the sample. */
  readonly reads?: readonly string[];
  /** Lines that change something, do not end, or name what the sample does not have: a test parses them. */
  readonly others?: readonly string[];
}

const REMARK = ' # ';
const examplesByCommand = new WeakMap<Command, Required<Examples>>();

/** Adds a part "Examples:" to the end of the command's help, with the remarks aligned. */
export function withExamples(command: Command, { reads = [], others = [] }: Examples): Command {
  examplesByCommand.set(command, { reads, others });
  const lines = [...reads, ...others].map((line) => line.split(REMARK));
  const width = Math.max(...lines.map(([typed = '', remark]) => (remark === undefined ? 0 : typed.length)));
  const shown = lines.map(([typed = '', remark]) =>
    remark === undefined ? `  ${typed}` : `  ${typed.padEnd(width)}  # ${remark}`,
  );
  return command.addHelpText('after', `\nExamples:\n${shown.join('\n')}`);
}

/** The examples of the command's own help; empty if it has none. */
export function examplesOf(command: Command): Required<Examples> {
  return examplesByCommand.get(command) ?? { reads: [], others: [] };
}
