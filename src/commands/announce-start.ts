import type { DevInstance } from '../settings/dev-instance.js';
import type { TemporalAddress } from '../temporal/connect.js';
import type { CommonOptions } from './context.js';
import type { Output } from './output.js';
import { workflowLink } from './workflow-link.js';

/** Says which workflow was started or runs already, and where it is to be seen; as the result, where nothing else follows. */
export function announceStart(input: {
  output: Output;
  started: { readonly handle: { readonly workflowId: string }; readonly attached: boolean };
  account: string;
  temporalAddress: TemporalAddress;
  devInstance: DevInstance | null;
  isResult: boolean;
  /** More to say of it in JSON. */
  details?: object;
  options: CommonOptions;
}): void {
  const { output, account, isResult } = input;
  const { attached, handle } = input.started;
  const { workflowId } = handle;
  const url = workflowLink({ ...input, workflowId });
  output.note(`${attached ? 'Runs already' : 'Started'}: ${workflowId}`);
  if (url !== null) output.note(url);
  if (!isResult) return;
  if (input.options.json) output.printJson({ account, workflowId, url, attached, ...input.details });
  else output.print(workflowId);
}
