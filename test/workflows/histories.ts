import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { historyFromJSON, historyToJSON } from '@temporalio/common/lib/proto-utils.js';
import type { WorkflowHandle } from '@temporalio/client';

const folder = fileURLToPath(new URL('./histories/', import.meta.url));

type History = Awaited<ReturnType<WorkflowHandle['fetchHistory']>>;

/** Reads every recorded history: a worker must be able to replay each with the present workflow code. */
export function recordedHistories(): { name: string; history: History }[] {
  return readdirSync(folder).map((file) => ({
    name: file.replace('.json', ''),
    history: historyFromJSON(JSON.parse(readFileSync(`${folder}${file}`, 'utf8'))),
  }));
}

interface RecordedEvent {
  readonly eventId: string;
  readonly eventType: string;
  readonly workflowTaskStartedEventAttributes?: object;
}

interface TaskHints {
  /** True if the history is long enough. */
  readonly suggestContinueAsNew?: boolean;
  /** True if another build of the worker is current. */
  readonly targetWorkerDeploymentVersionChanged?: boolean;
}

/**
 * Returns a history up to the workflow task after the first event of a type. In that task the workflow continues as
 * new; `task` is what the server says in it.
 */
export function handedOver(input: { name: string; after: string; task: TaskHints }): History {
  const { name, after, task } = input;
  const recorded = JSON.parse(readFileSync(`${folder}${name}.json`, 'utf8')) as { events: RecordedEvent[] };
  const isBehind = recorded.events.findIndex(({ eventType }) => eventType === `EVENT_TYPE_${after}`);
  const [scheduled, started, completed] = recorded.events.slice(isBehind + 1);
  const events = [
    ...recorded.events.slice(0, isBehind + 1),
    scheduled,
    {
      ...started,
      workflowTaskStartedEventAttributes: {
        ...started?.workflowTaskStartedEventAttributes,
        suggestContinueAsNew: false,
        ...task,
      },
    },
    completed,
    {
      eventId: String(Number(completed?.eventId) + 1),
      eventType: 'EVENT_TYPE_WORKFLOW_EXECUTION_CONTINUED_AS_NEW',
      workflowExecutionContinuedAsNewEventAttributes: { workflowTaskCompletedEventId: completed?.eventId },
    },
  ];
  return historyFromJSON({ events });
}

/** Writes a history to its file, without traces of the machine it was recorded on. */
export async function recordHistory({ name, handle }: { name: string; handle: WorkflowHandle }): Promise<void> {
  const history: unknown = JSON.parse(historyToJSON(await handle.fetchHistory()), withoutMachine);
  writeFileSync(`${folder}${name}.json`, `${JSON.stringify(history, null, 1)}\n`);
}

const PROCESS_ON_MACHINE = /^\d+@/;

function withoutMachine(key: string, value: unknown): unknown {
  if (typeof value === 'string' && PROCESS_ON_MACHINE.test(value)) return 'worker';
  return key === 'stackTrace' ? '' : value;
}
