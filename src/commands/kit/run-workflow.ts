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

/** A workflow to start, where it is seen, and the words for how far it is. */
interface FollowedWorkflow<W extends Workflow, Progress, More> {
  readonly output: Output;
  readonly temporalAddress: TemporalAddress;
  readonly devInstance: DevInstance | null;
  readonly start: (client: Client) => Promise<Started<W> & More>;
  readonly query: QueryDefinition<Progress>;
  readonly progressLine: (progress: Progress) => string;
  /** For a person who does not wait for the end. */
  readonly goesOn: string;
}

interface RunWorkflow<W extends Workflow, Progress, More> extends FollowedWorkflow<W, Progress, More> {
  readonly account: string;
  readonly options: CommonOptions & { readonly wait?: true };
  /** More of the start for its JSON. */
  readonly details?: (started: More) => object;
  /** Tells a person more of the start. */
  readonly remark?: (started: More) => void;
  /** The result for a person. */
  readonly result: (result: WorkflowResultType<W>) => string;
  /** What the command ends with after the result is shown; `EXIT.done` if it is left out. */
  readonly exitCode?: (result: WorkflowResultType<W>) => ExitCode | Promise<ExitCode>;
}

/**
 * Starts a workflow or attaches to the one that runs, and says where it is seen. With `--wait` its progress and its
 * result follow; without, the start is the command's result.
 * @throws an error if the one that runs makes no progress, or if it fails
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
    if (options.json) output.printJson(result);
    else output.print(run.result(result));
    return run.exitCode === undefined ? EXIT.done : run.exitCode(result);
  });
}

/**
 * Starts a workflow or attaches to the one that runs, says where it is seen, and shows its progress up to the end.
 * @returns its result; null if the person at the terminal did not wait for it
 * @throws an error if the one that runs makes no progress, or if it fails
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
  const webUrl = devInstance?.webUrl ?? webUiUrl(target);
  const url = webUrl === null ? null : workflowUrl({ webUrl, namespace: target.namespace, workflowId });
  output.note(`${started.attached ? 'Runs already' : 'Started'}: ${workflowId}`);
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
