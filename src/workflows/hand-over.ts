import { makeContinueAsNewFunc, workflowInfo, type ContinueAsNewOptions, type Workflow } from '@temporalio/workflow';

/**
 * True if the run should hand over to a new one: its history is long enough, or another build of the worker is current.
 * It is set with each workflow task, so it is the same on replay.
 */
export function shouldHandOver(): boolean {
  const { continueAsNewSuggested, targetWorkerDeploymentVersionChanged } = workflowInfo();
  return continueAsNewSuggested || targetWorkerDeploymentVersionChanged;
}

/**
 * Continues the workflow as new with this input, on the build that is current then. A server or worker without Worker
 * Versioning ignores the build.
 */
export function handOver<Kind extends Workflow>(
  input: Parameters<Kind>[0],
  options: Pick<ContinueAsNewOptions, 'memo'> = {},
): Promise<never> {
  const next = makeContinueAsNewFunc<(input: Parameters<Kind>[0]) => Promise<unknown>>({
    ...options,
    initialVersioningBehavior: 'AUTO_UPGRADE',
  });
  return next(input);
}
