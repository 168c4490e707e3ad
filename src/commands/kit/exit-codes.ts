/** Exit codes of all commands. */
export const EXIT = {
  done: 0,
  failed: 1,
  /** Wrong usage or settings. */
  usage: 2,
  /** Done, but something needs a person. */
  needsPerson: 3,
} as const;

export type ExitCode = (typeof EXIT)[keyof typeof EXIT];
