import { setTimeout as sleep } from 'node:timers/promises';

export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

/** Waits until a process has ended, or until the test times out. */
export async function untilGone(pid: number): Promise<void> {
  while (isAlive(pid)) await sleep(20);
}
