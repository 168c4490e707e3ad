import { WorkflowExecutionAlreadyStartedError } from '@temporalio/common';
import { executeChild, log } from '@temporalio/workflow';
import type { LookReport } from '../../activities/transcripts/transcript-types.js';
import { searchAttributesOf, transcriptWorkflowId } from '../ids.js';
import { LOOK_EXECUTION_TIMEOUT } from '../policies.js';
import { transcript, type TranscriptInput } from './transcript.js';

/**
 * Runs the look as a child workflow of its own. A child that failed, was terminated or timed out frees its place,
 * and its call is due again when the lease runs out; one that runs already is left to whoever started it. Never throws.
 */
export async function lookAtTranscript(input: TranscriptInput): Promise<LookReport | 'failed'> {
  const { account, callId, attempts, lane } = input;
  try {
    return await executeChild(transcript, {
      args: [input],
      workflowId: transcriptWorkflowId({ account, callId }),
      workflowExecutionTimeout: LOOK_EXECUTION_TIMEOUT,
      typedSearchAttributes: searchAttributesOf({ account, mode: 'transcript' }),
      staticSummary: `Look ${attempts + 1}, ${lane} call`,
    });
  } catch (error) {
    if (error instanceof WorkflowExecutionAlreadyStartedError) return 'skipped';
    log.warn('a look at a transcript did not complete; its call is due again when the lease runs out', { callId });
    return 'failed';
  }
}
