/** True if there is a process with this id, of this user or another. */
export function isProcessAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // The process exists, but this user may not signal it.
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}
