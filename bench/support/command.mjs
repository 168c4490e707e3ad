/** Commands of callweave as an operator runs them, each in a process of its own. */
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { withCleanups } from './cleanups.mjs';
import { peakMemoryMib, startProgram } from './processes.mjs';

const PROGRAM = fileURLToPath(new URL('../../dist/cli.js', import.meta.url));
const MEMORY_INTERVAL_MS = 100;

/**
 * Runs a command. Returns its seconds from start to end, the number of lines it wrote to stdout, its output up to some
 * kilobytes, and its peak memory. Throws unless it ends with one of `codes`.
 */
export async function runCommand({ args, env, cwd, codes = [0] }) {
  return withCleanups(async (atEnd) => {
    const startedAt = performance.now();
    const command = startProgram({ atEnd, program: PROGRAM, args, env, cwd });
    const watch = watchMemory(command);
    const { lines, output } = await readOutput(command.stdout);
    const code = await command.exit;
    const seconds = (performance.now() - startedAt) / 1_000;
    if (!codes.includes(code)) throw new Error(`"callweave ${args.join(' ')}" ended with ${code}: ${output}`);
    return { seconds, lines, output, peakMib: await watch };
  });
}

async function readOutput(stdout) {
  let lines = 0;
  let output = '';
  for await (const chunk of stdout) {
    if (output.length < 4_096) output += chunk;
    for (let at = chunk.indexOf('\n'); at >= 0; at = chunk.indexOf('\n', at + 1)) lines += 1;
  }
  return { lines, output };
}

/** Reads the peak memory until the process has ended, and returns the last reading. */
async function watchMemory({ pid, hasEnded }) {
  let peakMib = 0;
  while (!hasEnded()) {
    peakMib = readPeak(pid) ?? peakMib;
    await sleep(MEMORY_INTERVAL_MS);
  }
  return peakMib;
}

/** Returns null for a process that has just ended. */
function readPeak(pid) {
  try {
    return peakMemoryMib(pid);
  } catch {
    return null;
  }
}
