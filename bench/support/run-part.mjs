/** Runs one part of the bench and judges its figures by its goals. */
import { loadavg } from 'node:os';
import { withCleanups } from './cleanups.mjs';
import { rounded } from './figures.mjs';
import { isSmaller } from './sizes.mjs';

/** No part may take longer: it hangs then. */
const LIMIT_MINUTES = 40;

/**
 * Runs a part. A part is `{about, sizes, measure}`; `measure` calls `add` for each figure, as `{name, value, unit, ratio,
 * goal}`. A goal is `{atLeast}` or `{atMost}` and judges the ratio if there is one, else the value. If the part fails, its
 * last result says so.
 */
export async function runPart({ name, part, sizes }) {
  const isSmall = isSmaller(part, sizes);
  const results = [];
  const add = (figure) => {
    results.push(resultOf({ part: name, isSmall, ...figure }));
  };
  const [loadBefore] = loadavg();
  const startedAt = performance.now();
  try {
    await withLimit(withCleanups((atEnd) => part.measure({ sizes, add, atEnd })));
  } catch (error) {
    process.stderr.write(`${name} failed: ${error.stack}\n`);
    results.push({ name: `${name}: the part failed`, value: null, unit: 'failed', ratio: null, goal: null, ok: false });
  }
  const seconds = Math.round((performance.now() - startedAt) / 1_000);
  return { name, sizes, isSmall, loadBefore, loadAfter: loadavg()[0], seconds, results };
}

function resultOf({ part, isSmall, name, value, unit, ratio = null, goal = null }) {
  const judged = ratio ?? value;
  return {
    name: `${part}: ${name}${isSmall ? ' (small)' : ''}`,
    value: rounded(value),
    unit,
    // More digits than a goal has, so that a ratio just below it does not look equal.
    ratio: ratio === null ? null : Number(ratio.toFixed(3)),
    goal: goal === null ? null : goalText(goal),
    ok: goal === null || isSmall ? null : isMet(goal, judged),
  };
}

function goalText({ atLeast, atMost }) {
  const bounds = [atLeast === undefined ? [] : `>= ${atLeast}`, atMost === undefined ? [] : `<= ${atMost}`];
  return bounds.flat().join(', ');
}

function isMet({ atLeast = -Infinity, atMost = Infinity }, judged) {
  return judged >= atLeast && judged <= atMost;
}

async function withLimit(running) {
  let timer;
  const limit = new Promise((_resolve, reject) => {
    const tooLong = () => reject(new Error(`The part took more than ${LIMIT_MINUTES} minutes.`));
    timer = setTimeout(tooLong, LIMIT_MINUTES * 60_000);
  });
  try {
    await Promise.race([running, limit]);
  } finally {
    clearTimeout(timer);
  }
}
