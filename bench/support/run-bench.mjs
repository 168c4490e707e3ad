/** `npm run bench`: its options, its parts in turn, and where their results go. */
import { writeFile } from 'node:fs/promises';
import { readNames } from '../../scripts/read-names.mjs';
import { drain } from '../drain.mjs';
import { freshness } from '../freshness.mjs';
import { looks } from '../looks.mjs';
import { memory } from '../memory.mjs';
import { rate } from '../rate.mjs';
import { scale } from '../scale.mjs';
import { workers } from '../workers.mjs';
import { cleanUpAll } from './cleanups.mjs';
import { conditionsText, writeDocs } from './docs.mjs';
import { describeMachine, describeVersions } from './machine.mjs';
import { runPart } from './run-part.mjs';
import { isSmaller } from './sizes.mjs';
import { table } from './table.mjs';

/** Parts in the order in which they run, by their names. */
const PARTS = { drain, memory, rate, looks, workers, scale, freshness };

/** Exit codes, as of callweave's commands. */
const EXIT = { done: 0, failed: 1, usage: 2, missed: 3 };

/** Runs the parts that the arguments name and returns the exit code. */
export async function runBench(argv) {
  const { usageError, help, ...run } = readArguments(argv);
  if (help) {
    process.stdout.write(helpText());
    return EXIT.done;
  }
  if (usageError !== undefined) {
    process.stderr.write(`error: ${usageError}\n`);
    return EXIT.usage;
  }
  cleanUpOnSignals();
  const at = new Date().toISOString();
  const measured = [];
  for (const name of run.names) {
    process.stderr.write(`\n${name}: ${PARTS[name].about}\n`);
    const part = await runPart({ name, part: PARTS[name], sizes: run.sizes[name] });
    process.stdout.write(`\n${conditionsText(part)}\n${table(part.results)}\n`);
    measured.push(part);
  }
  await report({ at, measured, json: run.json, docs: run.docs });
  return exitCode(measured.flatMap(({ results }) => results));
}

async function report({ at, measured, json, docs }) {
  const machine = await describeMachine(measured);
  const versions = await describeVersions();
  const results = measured.flatMap((part) => part.results);
  if (json !== undefined) await writeFile(json, `${JSON.stringify({ at, machine, versions, results }, null, 2)}\n`);
  if (docs) await writeDocs({ at, machine, versions, measured });
}

function exitCode(results) {
  if (results.some(({ unit }) => unit === 'failed')) return EXIT.failed;
  return results.some(({ ok }) => ok === false) ? EXIT.missed : EXIT.done;
}

/** Reads the arguments to `{names, sizes, json, docs}`, to `{help}`, or to `{usageError}`. */
function readArguments(argv) {
  const sizeNames = [...new Set(Object.values(PARTS).flatMap(({ sizes }) => Object.keys(sizes)))];
  const options = {
    json: { type: 'string' },
    docs: { type: 'boolean', default: false },
    quick: { type: 'boolean', default: false },
    ...Object.fromEntries(sizeNames.map((name) => [name, { type: 'string' }])),
  };
  try {
    const { names, values } = readNames({ argv, parts: Object.keys(PARTS), options });
    const { json, docs, quick, help } = values;
    const sizes = Object.fromEntries(names.map((name) => [name, sizesOf({ part: PARTS[name], values, quick })]));
    checkUsed({ names, values, sizeNames });
    const isSmall = names.some((name) => isSmaller(PARTS[name], sizes[name]));
    if (docs && isSmall)
      return { usageError: '--docs writes figures of full sizes only: leave out --quick and smaller sizes' };
    return { names, sizes, json, docs, help };
  } catch (error) {
    return { usageError: error.message };
  }
}

function sizesOf({ part, values, quick }) {
  return Object.fromEntries(
    Object.entries(part.sizes).map(([name, { full, quick: small }]) => {
      const given = values[name];
      if (given === undefined) return [name, quick ? small : full];
      if (!/^\d+(\.\d+)?$/.test(given) || Number(given) === 0) throw new Error(`--${name} must be a number above 0`);
      return [name, Number(given)];
    }),
  );
}

/** Throws if a size is given that none of the chosen parts has. */
function checkUsed({ names, values, sizeNames }) {
  const unused = sizeNames.filter(
    (size) => values[size] !== undefined && !names.some((name) => Object.hasOwn(PARTS[name].sizes, size)),
  );
  if (unused.length > 0) throw new Error(`--${unused[0]} is no size of ${names.join(', ')}: see --help`);
}

function helpText() {
  const parts = Object.entries(PARTS).map(([name, { about, sizes }]) => {
    const options = Object.entries(sizes).map(
      ([size, { full, quick, means }]) =>
        `      --${`${size} N`.padEnd(20)} ${means} (${full.toLocaleString('en')}; ${quick.toLocaleString('en')} with --quick)`,
    );
    return [`  ${name.padEnd(12)} ${about}`, ...options].join('\n');
  });
  return `Usage: npm run bench -- [NAME…] [options]

Measures callweave on this machine with the embedded servers. Without a name, all parts run.

Parts and their sizes:
${parts.join('\n')}

Options:
  --quick        small sizes, to try a part: no goal is judged
  --json FILE    write the results as JSON
  --docs         write the tables into docs/benchmarks.md
  --help         show this

Exit code: 0 if all parts ran, 3 if a goal was missed, 1 if a part failed, 2 for wrong usage.
`;
}

/** Ends servers and processes when the bench is interrupted. */
function cleanUpOnSignals() {
  for (const signal of ['SIGINT', 'SIGTERM']) {
    process.once(signal, () => {
      void cleanUpAll().finally(() => process.exit(EXIT.failed));
    });
  }
}
