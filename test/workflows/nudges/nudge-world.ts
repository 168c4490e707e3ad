import type { WorkflowHandle } from '@temporalio/client';
import type { NudgedIds } from '../../../src/domain/nudges/nudged-ids.js';
import { nudgesWorkflowId, searchAttributesOf, WORKFLOW_TASK_QUEUE } from '../../../src/workflows/ids.js';
import { nudgeSignal } from '../../../src/workflows/nudges/nudge-signal.js';
import type { nudges, NudgesInput } from '../../../src/workflows/nudges/nudges.js';
import type { TestNamespace } from '../../support/temporal-namespace.js';

/** Signals the workflow of the account, and starts it if it does not run. */
export function nudge(
  { client }: TestNamespace,
  input: NudgesInput,
  named: Partial<NudgedIds>,
): Promise<WorkflowHandle<typeof nudges>> {
  const { account } = input;
  return client.workflow.signalWithStart<typeof nudges, [NudgedIds]>('nudges', {
    args: [input],
    workflowId: nudgesWorkflowId(account),
    taskQueue: WORKFLOW_TASK_QUEUE,
    typedSearchAttributes: searchAttributesOf({ account, mode: 'nudge' }),
    signal: nudgeSignal,
    signalArgs: [{ callIds: [], transactionIds: [], ...named }],
  });
}
