/** A mistake of the user. It ends a command with exit code 2 and without a stack. */
export class UsageError extends Error {
  override name = 'UsageError';
}

/** Wrong or missing settings. Each of `problems` names a setting and the rule it broke, never the value of a secret. */
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
