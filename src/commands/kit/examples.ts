import type { Command } from 'commander';

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
