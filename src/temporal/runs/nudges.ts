import { setTimeout as sleep } from 'node:timers/promises';
import type { Client } from '@temporalio/client';
import type { NudgedIds } from '../../domain/nudges/nudged-ids.js';
import { nudgesWorkflowId, searchAttributesOf, WORKFLOW_TASK_QUEUE } from '../../workflows/ids.js';
import { nudgeSignal } from '../../workflows/nudges/nudge-signal.js';
import type { nudges } from '../../workflows/nudges/nudges.js';

export interface Nudge {
  readonly account: string;
  readonly ids: NudgedIds;
}

/** Time that Temporal has to take a signal. */
const DEADLINE_MS = 5_000;

/**
 * Hands the ids to the account's run that reads the calls of webhooks, which is started if none runs. Resolves once
 * Temporal has the signal. @throws if Temporal has not taken it after five seconds; it may arrive nevertheless
 */
export async function sendNudge(client: Client, { account, ids }: Nudge): Promise<void> {
  const sent = client.withDeadline(Date.now() + DEADLINE_MS, () =>
    client.workflow.signalWithStart<typeof nudges, [NudgedIds]>('nudges', {
      args: [{ account }],
      signal: nudgeSignal,
      signalArgs: [ids],
      workflowId: nudgesWorkflowId(account),
      taskQueue: WORKFLOW_TASK_QUEUE,
      typedSearchAttributes: searchAttributesOf({ account, mode: 'nudge' }),
      staticSummary: `Webhooks: ${account}`,
    }),
  );
  const ended = new AbortController();
  // The deadline bounds each attempt, and the SDK may make several.
  const late = sleep(DEADLINE_MS, undefined, { signal: ended.signal }).then(() => {
    throw new Error(`Temporal has not taken the signal within ${DEADLINE_MS / 1_000} seconds`);
  });
  try {
    await Promise.race([sent, late]);
  } finally {
    ended.abort();
    for (const loser of [sent, late]) loser.catch(() => undefined);
  }
}
