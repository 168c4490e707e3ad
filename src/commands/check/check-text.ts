import type { CheckResult } from '../../operations/check/check-result.js';
import { findingText } from '../../operations/check/run-check.js';
import { harmlessLine } from '../../process/harmless-text.js';

const STATE_WIDTH = 'skipped'.length;

/** Returns one line per check. Only commands to type, which advice may contain, have lines of their own. */
export function checksText(checks: readonly CheckResult[]): string {
  const names = checks.map(({ id, account }) => (account === null ? id : `${account}: ${id}`));
  const width = Math.max(...names.map((name) => name.length));
  return checks
    .map((result, index) => {
      const [first = '', ...commands] = findingText(result).split('\n');
      const line = `${result.state.padEnd(STATE_WIDTH)}  ${(names[index] ?? '').padEnd(width)}  ${first}`;
      return [line, ...commands.map((command) => `    ${command}`)].map(harmlessLine).join('\n');
    })
    .join('\n');
}
