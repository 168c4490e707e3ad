const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/**
 * Hands `use` a signal that aborts with the first Ctrl-C (or SIGTERM), so that it can end cleanly. The second one finds
 * no listener and ends the process at once.
 */
export async function withInterrupt<T>(use: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const interrupt = new AbortController();
  const stopListening = (): void => {
    for (const name of SIGNALS) process.off(name, onSignal);
  };
  const onSignal = (): void => {
    stopListening();
    interrupt.abort();
  };
  for (const name of SIGNALS) process.on(name, onSignal);
  try {
    return await use(interrupt.signal);
  } finally {
    stopListening();
  }
}
