import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { MergingOrder, MergingReport } from './merging-process.js';

/** Starts a process that ends by itself after it has answered its second order. */
export function startMergingProcess(): ChildProcess {
  const at = (path: string): string => fileURLToPath(new URL(path, import.meta.url));
  return fork(at('./merging-process.ts'), {
    execArgv: ['--import', at('./typescript.mjs')],
    serialization: 'advanced',
  });
}

export async function order(process: ChildProcess, message: MergingOrder): Promise<MergingReport> {
  const answer = Promise.race([
    once(process, 'message').then(([report]) => report as MergingReport),
    once(process, 'exit').then(([code]) => {
      throw new Error(`A merging process ended with exit code ${code} before it answered`);
    }),
  ]);
  process.send(message);
  return answer;
}
