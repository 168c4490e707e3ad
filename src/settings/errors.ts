/** The user asked for something that cannot be: ends a command with exit code 2 and without a stack. */
export class UsageError extends Error {
  override name = 'UsageError';
}

/**
 * Settings are wrong or missing. `problems` holds every one of them, each with its name and what is allowed and never
 * with the value of a secret.
 */
export class SettingsError extends UsageError {
  override name = 'SettingsError';
  readonly problems: readonly string[];
  readonly warnings: readonly string[];

  constructor({ problems, warnings }: { problems: readonly string[]; warnings: readonly string[] }) {
    const count = problems.length === 1 ? '1 setting is' : `${problems.length} settings are`;
    super(`${count} wrong or missing:\n${problems.map((problem) => `  - ${problem}`).join('\n')}`);
    this.problems = problems;
    this.warnings = warnings;
  }
}
