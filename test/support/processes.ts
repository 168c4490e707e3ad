import { setTimeout as sleep } from 'node:timers/promises';

export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

/** The test's own time limit ends the wait. */
export async function untilGone(pid: number): Promise<void> {
  while (isAlive(pid)) await sleep(20);
}
