import { hasReaderGone } from './terminal.js';

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/**
 * Hands `use` a signal that aborts at the first Ctrl-C (or SIGTERM), so that it can end cleanly. The second one finds
 * no listener and ends the process at once. A closed terminal, or a closed pipe of our output, counts as a Ctrl-C.
 */
export async function withInterrupt<T>(use: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const interrupt = new AbortController();
  const streams = [process.stdout, process.stderr];
  const stopListening = (): void => {
    for (const name of SIGNALS) process.off(name, onInterrupt);
    for (const stream of streams) stream.off('error', onWriteError);
  };
  const onInterrupt = (): void => {
    // Not before the other listeners have run: a spinner's ends the process if it finds itself alone.
    setImmediate(stopListening);
    // A closed terminal sends SIGHUP more than once: directly, and through the shell.
    process.on('SIGHUP', () => undefined);
    interrupt.abort();
  };
  function onWriteError(this: (typeof streams)[number], error: NodeJS.ErrnoException): void {
    if (hasReaderGone(this, error)) onInterrupt();
  }
  for (const name of SIGNALS) process.on(name, onInterrupt);
  for (const stream of streams) stream.on('error', onWriteError);
  try {
    return await use(interrupt.signal);
  } finally {
    stopListening();
  }
}
