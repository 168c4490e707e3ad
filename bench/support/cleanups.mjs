/** Stacks of what is to be undone, for servers, processes and folders. */

const open = new Set();

/** Calls `use` with a function that adds a cleanup. Runs the cleanups, the last first, when `use` has ended in any way. */
export async function withCleanups(use) {
  const cleanups = [];
  open.add(cleanups);
  try {
    return await use((cleanup) => {
      cleanups.push(cleanup);
    });
  } finally {
    await run(cleanups);
    open.delete(cleanups);
  }
}

/** Runs the cleanups of everything that has not ended, the last first. */
export async function cleanUpAll() {
  for (const cleanups of [...open].toReversed()) await run(cleanups);
}

async function run(cleanups) {
  for (let cleanup = cleanups.pop(); cleanup !== undefined; cleanup = cleanups.pop()) {
    try {
      await cleanup();
    } catch (error) {
      process.stderr.write(`Could not clean up: ${error.message}\n`);
    }
  }
}
