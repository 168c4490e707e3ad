/** Frame of the scripts that run parts by name and count what passed: their arguments, their help and their last line. */
import { endWithCounts } from './counted.mjs';
import { prepare, prepareBuild } from './prepare.mjs';
import { readNames } from './read-names.mjs';

const USAGE_EXIT_CODE = 2;

/**
 * Installs and builds what is missing, runs the parts that the arguments name, and ends as `endWithCounts` says. `load` imports
 * what needs the packages and the build, and returns `{parts, run}`: what each part tests by its name, and a function that runs
 * those with the given names and returns `{passed, failed}`.
 */
export async function runParts({ script, about, load }) {
  await endWithCounts(async () => {
    prepare();
    prepareBuild();
    const { parts, run } = await load();
    const { usageError, help, names } = readArguments(Object.keys(parts));
    if (usageError !== undefined) {
      process.stderr.write(`error: ${usageError}\n`);
      process.exitCode = USAGE_EXIT_CODE;
      return null;
    }
    if (!help) return run(names);
    process.stdout.write(helpText({ script, about, parts }));
    return null;
  });
}

function readArguments(parts) {
  try {
    const { names, values } = readNames({ argv: process.argv.slice(2), parts });
    return { names, help: values.help };
  } catch (error) {
    return { usageError: error.message };
  }
}

function helpText({ script, about, parts }) {
  const lines = Object.entries(parts).map(([name, tests]) => `  ${name.padEnd(12)} ${tests}`);
  return `Usage: npm run ${script} -- [NAME…]

${about} Without a name, all parts run.

Parts:
${lines.join('\n')}

Exit code: 0 if all passed, 1 if something failed, 2 for wrong usage.
`;
}
