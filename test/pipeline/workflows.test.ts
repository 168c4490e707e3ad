import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { actionsIn, needsOf, parseWorkflow, problemsOf } from './workflow-rules.js';

const root = fileURLToPath(new URL('../../', import.meta.url));
const folder = `${root}.github/workflows/`;
const files = readdirSync(folder).toSorted();
const textOf = (file: string): string => readFileSync(folder + file, 'utf8');
const jobsOf = (file: string) => parseWorkflow(textOf(file)).jobs;

/** Permissions to write, by workflow and job; no other job may write anything. */
const WRITERS = {
  'release.yml': {
    npm: ['id-token'],
    push: ['packages'],
    sign: ['packages', 'id-token'],
    notes: ['contents'],
  },
};

const BROKEN = `
permissions: { contents: write }
jobs:
  one:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v6
      - uses: actions/setup-node@48b55a011bda9f5d6aeb4c2d9c7362e8dae4041e
      - run: echo \${{ github.event.pull_request.title }}
`;

describe('a workflow', () => {
  it.each(files)('of %s follows the rules', (file) => {
    expect(problemsOf(textOf(file))).toEqual([]);
  });

  it('that breaks the rules is found out', () => {
    expect(problemsOf(BROKEN)).toEqual([
      'the workflow gives permissions to all jobs',
      'the workflow has no concurrency group',
      'uses: actions/checkout@v6 is not pinned to a commit, with its version',
      'uses: actions/setup-node@48b55a011bda9f5d6aeb4c2d9c7362e8dae4041e is not pinned to a commit, with its version',
      'one states no permissions',
      'one has no timeout',
      'one runs on a moving version',
      'one leaves the token in the checkout',
      'one has an expression in a script',
    ]);
  });

  it('uses the same version of an action as the others', () => {
    const actions = [...new Set(files.flatMap((file) => actionsIn(textOf(file))))];
    const names = actions.map((action) => action.split('@')[0]);

    expect(names.toSorted()).toEqual(['actions/checkout', 'actions/setup-node', 'sigstore/cosign-installer']);
  });

  it('writes nothing, unless it publishes a release', () => {
    const writers = files.map((file) => {
      const jobs = Object.entries(jobsOf(file)).map(([name, { permissions = {} }]) => {
        const written = Object.keys(permissions).filter((scope) => permissions[scope] === 'write');
        return [name, written] as const;
      });
      return [file, Object.fromEntries(jobs.filter(([, written]) => written.length > 0))] as const;
    });

    expect(Object.fromEntries(writers)).toEqual({ 'ci.yml': {}, 'image.yml': {}, ...WRITERS });
  });
});

describe('ci.yml', () => {
  it('runs the tests on each Node.js and MongoDB, and every check on the oldest Node.js', () => {
    const { mongodb, floor, audit } = jobsOf('ci.yml');
    const { engines } = JSON.parse(readFileSync(`${root}package.json`, 'utf8')) as { engines: { node: string } };
    const scripts = (job = mongodb): (string | undefined)[] => job?.steps.map(({ run }) => run) ?? [];

    expect(mongodb?.strategy?.matrix).toEqual({ node: ['22', '24', '26'], mongodb: ['7.0', '8.0'] });
    expect(scripts()).toContain('npm test');
    expect(engines.node).toBe(`>=${String(floor?.steps[1]?.with['node-version'])}`);
    expect(scripts(floor)).toContain('.ci/run');
    expect(scripts(audit)).toContain('npm audit --omit=dev --audit-level=high');
  });
});

describe('release.yml', () => {
  const jobs = jobsOf('release.yml');

  it('checks the tag before anything else', () => {
    for (const name of Object.keys(jobs)) {
      expect(needsOf(jobs, name).includes('check'), name).toBe(name !== 'check');
    }
  });

  it('publishes only what has passed every check, in the environment that asks for an approval', () => {
    expect(jobs['npm']?.environment).toBe('release');
    expect(needsOf(jobs, 'npm').toSorted()).toEqual(['check', 'image', 'test']);
    for (const name of Object.keys(WRITERS['release.yml'])) {
      expect(name === 'npm' || needsOf(jobs, name).includes('npm'), name).toBe(true);
    }
  });

  it('is not cancelled by the next one', () => {
    expect(parseWorkflow(textOf('release.yml')).concurrency).toMatchObject({ 'cancel-in-progress': false });
  });
});
