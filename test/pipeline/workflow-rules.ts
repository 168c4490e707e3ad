import { parse } from 'yaml';
import { z } from 'zod';

const permissionsSchema = z.record(z.string(), z.enum(['read', 'write']));

const stepSchema = z.looseObject({
  uses: z.string().optional(),
  run: z.string().optional(),
  with: z.record(z.string(), z.unknown()).default({}),
});

const jobSchema = z.looseObject({
  permissions: permissionsSchema.optional(),
  needs: z.union([z.string(), z.array(z.string())]).default([]),
  environment: z.string().optional(),
  uses: z.string().optional(),
  'runs-on': z.string().optional(),
  'timeout-minutes': z.int().optional(),
  strategy: z
    .object({ matrix: z.record(z.string(), z.array(z.unknown())) })
    .loose()
    .optional(),
  steps: z.array(stepSchema).default([]),
});

const workflowSchema = z.looseObject({
  permissions: permissionsSchema.optional(),
  concurrency: z.object({ group: z.string() }).loose().optional(),
  jobs: z.record(z.string(), jobSchema),
});

export type Job = z.output<typeof jobSchema>;
export type Workflow = z.output<typeof workflowSchema>;

const PINNED = /^uses: [\w.-]+\/[\w./-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$/;
const OWN = /^uses: \.\/\.github\/workflows\/[\w.-]+\.yml$/;

export function parseWorkflow(text: string): Workflow {
  return workflowSchema.parse(parse(text));
}

/** Returns the actions of a workflow as they are written: `actions/checkout@<commit> # v6.0.2`. */
export function actionsIn(text: string): string[] {
  return usesIn(text)
    .filter((line) => !OWN.test(line))
    .map((line) => line.replace('uses: ', ''));
}

function usesIn(text: string): string[] {
  return Array.from(text.matchAll(/^[\s-]*(uses: .*)$/gm), ([, line = '']) => line);
}

/** Returns each breach of the rules for workflows, empty if there is none. */
export function problemsOf(text: string): string[] {
  const { permissions, concurrency, jobs } = parseWorkflow(text);
  return [
    ...(permissions !== undefined && Object.keys(permissions).length === 0
      ? []
      : ['the workflow gives permissions to all jobs']),
    ...(concurrency === undefined ? ['the workflow has no concurrency group'] : []),
    ...usesIn(text)
      .filter((line) => !PINNED.test(line) && !OWN.test(line))
      .map((line) => `${line} is not pinned to a commit, with its version`),
    ...Object.entries(jobs).flatMap(([name, job]) => jobProblems(job).map((problem) => `${name} ${problem}`)),
  ];
}

function jobProblems(job: Job): string[] {
  const checkouts = job.steps.filter(({ uses = '' }) => uses.startsWith('actions/checkout@'));
  const isWorkflow = job.uses !== undefined;
  return [
    ...(job.permissions === undefined ? ['states no permissions'] : []),
    ...(isWorkflow || job['timeout-minutes'] !== undefined ? [] : ['has no timeout']),
    ...(runnersOf(job).some((runner) => runner.endsWith('-latest')) ? ['runs on a moving version'] : []),
    ...(checkouts.some((step) => step.with['persist-credentials'] !== false)
      ? ['leaves the token in the checkout']
      : []),
    // What stands there becomes code of the shell; a variable of the environment does not.
    ...(job.steps.some(({ run = '' }) => run.includes('${{')) ? ['has an expression in a script'] : []),
  ];
}

/** Returns the machines that a job runs on, those of its matrix if it has them there. */
function runnersOf({ 'runs-on': runner = '', strategy }: Job): string[] {
  const { runner: runners = [], include = [] } = strategy?.matrix ?? {};
  const included = include.map((entry) => z.looseObject({ runner: z.string().optional() }).parse(entry).runner);
  return [runner, ...runners, ...included].filter((name) => typeof name === 'string');
}

/** Returns the jobs that must have succeeded before a job starts, those behind them too. */
export function needsOf(jobs: Readonly<Record<string, Job>>, name: string): string[] {
  const direct = [jobs[name]?.needs ?? []].flat();
  return [...new Set([...direct, ...direct.flatMap((needed) => needsOf(jobs, needed))])];
}
