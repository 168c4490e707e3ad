import type { WorkflowHandle } from '@temporalio/client';
import type { DevInstance } from '../../settings/dev-instance.js';
import type { TemporalAddress } from '../../temporal/server/connect.js';
import { throwIfStuck } from '../../temporal/runs/unless-stuck.js';
import type { CommonOptions } from './context.js';
import type { Output } from './output.js';
import { workflowLink } from './workflow-link.js';

/**
 * Says which workflow was started or runs already, and where it is to be seen; as the result, where nothing else
 * follows.
 * @throws where it runs already and makes no progress: nothing would come of it
 */
export async function announceStart(input: {
  output: Output;
  started: { readonly handle: WorkflowHandle; readonly attached: boolean };
  account: string;
  temporalAddress: TemporalAddress;
  devInstance: DevInstance | null;
  isResult: boolean;
  /** More to say of it in JSON. */
  details?: object;
  options: CommonOptions;
}): Promise<void> {
  const { output, account, isResult } = input;
  const { attached, handle } = input.started;
  const { workflowId } = handle;
  const url = workflowLink({ ...input, workflowId });
  output.note(`${attached ? 'Runs already' : 'Started'}: ${workflowId}`);
  if (url !== null) output.note(url);
  if (attached) await throwIfStuck(handle);
  if (!isResult) return;
  if (input.options.json) output.printJson({ account, workflowId, url, attached, ...input.details });
  else output.print(workflowId);
}
