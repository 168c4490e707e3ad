import { describe, it } from 'vitest';
import type { TranscriptPolicy } from '../../../src/domain/transcripts/transcript.js';
import type { transcripts } from '../../../src/workflows/transcripts/transcripts.js';
import {
  accountWorkflowId,
  searchAttributesOf,
  transcriptWorkflowId,
  TRANSCRIPTS,
  WORKFLOW_TASK_QUEUE,
} from '../../../src/workflows/ids.js';
import { answerWith } from '../../../src/sample/faults.js';
import { startDrainWorld } from '../../support/drain-world.js';
import { minimalRows } from '../../support/fake-invoca.js';
import { useTestNamespace } from '../../support/temporal-namespace.js';
import { useTestDatabase } from '../../support/test-database.js';
import { recordHistory } from '../histories.js';

const servers = { temporal: useTestNamespace(), mongodb: useTestDatabase() };
const policy: TranscriptPolicy = { enabled: true, maxAgeMs: null, delaysMs: [1_000], deadlineMs: 2_000 };

describe('recording histories of transcripts', () => {
  it('with looks, a hold, and a hand-over to the next run', async () => {
    const rows = minimalRows(6);
    const plans = rows.map((_row, index) => ({
      callId: `CALL-${index}`,
      ...(index === 3 && { fate: 'none' as const }),
    }));
    const world = await startDrainWorld({
      servers,
      invoca: { rows, transcripts: plans },
      feed: { name: 'recorded-transcripts', transcripts: policy },
    });
    await (await world.startDrain()).result();
    world.invoca.plan({ answer: answerWith({ status: 429, headers: { 'retry-after': '3' } }) });
    const { client } = servers.temporal;

    const handle = await client.workflow.start<typeof transcripts>('transcripts', {
      args: [{ account: world.account, maxLooksPerRun: 7 }],
      workflowId: accountWorkflowId(TRANSCRIPTS, world.account),
      taskQueue: WORKFLOW_TASK_QUEUE,
      typedSearchAttributes: searchAttributesOf({ account: world.account, mode: 'dispatch' }),
    });
    await handle.result();

    const first = client.workflow.getHandle(handle.workflowId, handle.firstExecutionRunId);
    await recordHistory({ name: 'transcripts-hands-over', handle: first });
    await recordHistory({ name: 'transcripts-finishes', handle: client.workflow.getHandle(handle.workflowId) });
    for (const index of [2, 3]) {
      const workflowId = transcriptWorkflowId({ account: world.account, callId: `CALL-${index}` });
      await recordHistory({ name: `transcript-of-call-${index}`, handle: client.workflow.getHandle(workflowId) });
    }
  });
});
