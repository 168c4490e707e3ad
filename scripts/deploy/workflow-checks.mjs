/** Checks of the GitHub workflows with actionlint, which passes the shell scripts in them to shellcheck. */
import { execa } from 'execa';
import { root } from '../prepare.mjs';
import { actionlint, shellcheck } from './pinned-tools.mjs';

/** A workflow with a mistake of each kind that the check must find. */
const BROKEN = `
on: push
jobs:
  broken:
    runs-on: ubuntu-24.04
    steps:
      - run: echo $UNQUOTED \${{ matrix.missing }}
`;

/** Returns the checks: `{name, run}`. `run` throws the reason if the check fails. */
export function workflowChecks() {
  return [
    { name: 'actionlint finds nothing in the GitHub workflows', run: () => lint({ files: [] }) },
    { name: 'actionlint and shellcheck find the mistakes of a broken workflow', run: checkBroken },
  ];
}

/** Lints these files, or all workflows if there are none; `-` is the input. Throws what it finds. */
async function lint({ files, input = '' }) {
  const args = ['-no-color', '-shellcheck', await shellcheck(), '-pyflakes', '', ...files];
  await execa(await actionlint(), args, { cwd: root, input });
}

async function checkBroken() {
  const found = await lint({ files: ['-'], input: BROKEN }).then(
    () => '',
    ({ stdout, message }) => stdout ?? message,
  );
  const missed = ['property "missing" is not defined', 'SC2086'].filter((mistake) => !found.includes(mistake));
  if (missed.length > 0) throw new Error(`not found: ${missed.join(', ')}\n${found}`);
}
