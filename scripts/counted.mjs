/** Ends a script that counts what passed and failed. Uses only Node's own modules, because it runs before packages are installed. */

/**
 * Runs `count`, which returns `{passed, failed}`, or null if nothing ran. Sets the exit code, and writes the last line:
 * "N passed, N failed". An error is written to stderr and counts as one failure.
 */
export async function endWithCounts(count) {
  const counts = await countsOf(count);
  if (counts === null) return;
  const { passed, failed } = counts;
  process.exitCode = failed === 0 ? 0 : 1;
  process.stdout.write(`${passed} passed, ${failed} failed\n`);
}

async function countsOf(count) {
  try {
    return await count();
  } catch (error) {
    process.stderr.write(`${error.message}\n`);
    return { passed: 0, failed: 1 };
  }
}
