const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
/** What a shell reports for a program ended by SIGINT. */
const FORCED_EXIT_CODE = 130;

/**
 * Hands `use` a signal that aborts with the first Ctrl-C (or SIGTERM), so that it can end cleanly; a second Ctrl-C ends
 * the process at once.
 */
export async function withInterrupt<T>(use: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const interrupt = new AbortController();
  const onSignal = (): void => {
    if (interrupt.signal.aborted) process.exit(FORCED_EXIT_CODE);
    interrupt.abort();
  };
  for (const name of SIGNALS) process.on(name, onSignal);
  try {
    return await use(interrupt.signal);
  } finally {
    for (const name of SIGNALS) process.off(name, onSignal);
  }
}
