import type { Client } from '@temporalio/client';
import type { QueryDefinition, Workflow, WorkflowResultType } from '@temporalio/common';
import type { DevInstance } from '../../settings/dev-instance.js';
import type { Started } from '../../temporal/runs/account-workflows.js';
import { throwIfStuck } from '../../temporal/runs/run-state.js';
import {
  describeTarget,
  withClient,
  webUiUrl,
  workflowUrl,
  type TemporalAddress,
} from '../../temporal/server/connect.js';
import type { CommonOptions } from './context.js';
import { EXIT, type ExitCode } from './exit-codes.js';
import type { Output } from './output.js';
import { waitForWorkflow } from './wait-for-workflow.js';

/** A workflow to start and follow, with the texts that show its progress. */
interface FollowedWorkflow<W extends Workflow, Progress, More> {
  readonly output: Output;
  readonly temporalAddress: TemporalAddress;
  readonly devInstance: DevInstance | null;
  readonly start: (client: Client) => Promise<Started<W> & More>;
  readonly query: QueryDefinition<Progress>;
  readonly progressLine: (progress: Progress) => string;
  /** Note for an operator who stops waiting. */
  readonly goesOn: string;
}

interface RunWorkflow<W extends Workflow, Progress, More> extends FollowedWorkflow<W, Progress, More> {
  readonly account: string;
  readonly options: CommonOptions & { readonly wait?: true };
  /** Returns further keys for the JSON of the start. */
  readonly details?: (started: More) => object;
  /** Prints further remarks about the start. */
  readonly remark?: (started: More) => void;
  /** Returns the result as text. */
  readonly result: (result: WorkflowResultType<W>) => string;
  /** Returns the result as `--json` prints it; the result itself if left out. */
  readonly json?: (result: WorkflowResultType<W>) => object;
  /** Returns the exit code after the result is printed; `EXIT.done` if left out. */
  readonly exitCode?: (result: WorkflowResultType<W>) => ExitCode | Promise<ExitCode>;
}

/**
 * Starts a workflow or attaches to the one that runs, and prints its id and Web UI link. With `--wait` it shows the
 * progress and the workflow's result; without, the start is the command's result.
 * @throws an error if the running workflow makes no progress, or if it fails
 */
export function runWorkflow<W extends Workflow, Progress, More>(
  run: RunWorkflow<W, Progress, More>,
): Promise<ExitCode> {
  const { account, options, output } = run;
  return withClient(run.temporalAddress, async (client) => {
    const started = await start(run, client);
    if (!options.wait) {
      const { attached, workflowId, url } = started;
      if (options.json) output.printJson({ account, workflowId, url, attached, ...run.details?.(started) });
      else output.print(workflowId);
    }
    run.remark?.(started);
    const result = options.wait ? await resultOf(run, started) : null;
    if (result === null) return EXIT.done;
    if (options.json) output.printJson(run.json?.(result) ?? result);
    else output.print(run.result(result));
    return run.exitCode === undefined ? EXIT.done : run.exitCode(result);
  });
}

/**
 * Starts a workflow or attaches to the one that runs, prints its id and Web UI link, and shows its progress to the end.
 * @returns the workflow's result; null if the operator stopped waiting
 * @throws an error if the running workflow makes no progress, or if it fails
 */
export function followWorkflow<W extends Workflow, Progress>(
  followed: FollowedWorkflow<W, Progress, object>,
): Promise<WorkflowResultType<W> | null> {
  return withClient(followed.temporalAddress, async (client) => resultOf(followed, await start(followed, client)));
}

async function start<W extends Workflow, Progress, More>(
  { output, devInstance, ...followed }: FollowedWorkflow<W, Progress, More>,
  client: Client,
): Promise<Started<W> & More & { readonly workflowId: string; readonly url: string | null }> {
  const started = await followed.start(client);
  const { workflowId } = started.handle;
  const target = describeTarget(followed.temporalAddress);
  const webUrl = devInstance === null ? webUiUrl(target) : devInstance.webUrl;
  const url = webUrl === null ? null : workflowUrl({ webUrl, namespace: target.namespace, workflowId });
  output.note(`${started.attached ? 'Already running' : 'Started'}: ${workflowId}`);
  if (url !== null) output.note(url);
  if (started.attached) await throwIfStuck(started.handle);
  return { ...started, workflowId, url };
}

async function resultOf<W extends Workflow, Progress, More>(
  { output, query, progressLine, goesOn }: FollowedWorkflow<W, Progress, More>,
  { handle }: Started<W>,
): Promise<WorkflowResultType<W> | null> {
  const result = await waitForWorkflow({ handle, output, query, describe: progressLine });
  if (result === null) output.note(goesOn);
  return result;
}
